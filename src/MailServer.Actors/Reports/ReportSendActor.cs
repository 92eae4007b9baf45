using System.Text;
using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Submission;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>
/// Sends one report: resolves its destinations, composes it, and submits it to each destination in turn. Mail goes through the delivery router, so it is
/// signed and delivered or queued like any other; failures of queued reports cause no notices (NOTIFY=NEVER). Reports the result to its parent and stops.
/// </summary>
internal sealed partial class ReportSendActor : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ReportServices _services;
    private readonly PendingReport _about;
    private readonly PendingObservations _observed;
    private readonly bool _dryRun;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Queue<ReportUri> _left = new();
    private readonly List<string> _taken = [];
    private readonly List<string> _notes = [];
    private bool _isTemporary;
    private ReportMail? _mail;

    public ReportSendActor(ReportServices services, PendingReport about, PendingObservations observed, bool dryRun)
    {
        _services = services;
        _about = about;
        _observed = observed;
        _dryRun = dryRun;
        _log = services.Loggers.CreateLogger<ReportSendActor>();
    }

    public static Props Props(ReportServices services, PendingReport about, PendingObservations observed, bool dryRun) =>
        ActorFactory.Props(() => new ReportSendActor(services, about, observed, dryRun)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        Context.SetReceiveTimeout(Patience);
        FindAsync(_stopped.Token).PipeTo(Self, failure: static e => new Status.Failure(e));
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RouteFound found:
                OnFound(found);
                break;
            case SmtpReply reply:
                OnGiven(reply.IsPositive ? null : reply.ToString(), reply.IsTransient);
                break;
            case UploadFinished uploaded:
                OnGiven(uploaded.Trouble, isTemporary: true);
                break;
            case ReceiveTimeout:
                GiveUp("no answer in time");
                break;
            case Status.Failure failure:
                LogFailed(failure.Cause, _about.Kind, _about.Domain);
                GiveUp(failure.Cause.Message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private async Task<RouteFound> FindAsync(CancellationToken cancel)
    {
        var destinations = new ReportDestinationFinder(_services.Dns, _services.Limits.ReportUris);
        var route = _about.Kind == ReportKind.Dmarc
            ? await destinations.FindDmarcAsync(_about.Domain, _observed.PolicyRecord, cancel)
            : await destinations.FindTlsAsync(_about.Domain, cancel);
        return new RouteFound(route, await ReportFromAddress.FindAsync(_services, cancel));
    }

    private void OnFound(RouteFound found)
    {
        _notes.AddRange(found.Route.Notes);
        _isTemporary = found.Route.IsTemporary;
        if (found.Route.Uris.Count == 0)
        {
            End();
            return;
        }

        _mail = new ReportComposer(_services, _about, _observed, found.From).Compose();
        foreach (var uri in found.Route.Uris)
        {
            if (uri.MaxSize is { } most && _mail.Document.Length > most) _notes.Add($"{uri.Text}: the report exceeds the size limit of this address");
            else if (_dryRun) _taken.Add(uri.Text);
            else _left.Enqueue(uri);
        }

        GiveNext();
    }

    private void GiveNext()
    {
        if (!_left.TryPeek(out var uri)) End();
        else if (uri.Address is { } to) GiveMail(to);
        else GiveUpload(uri.Upload!);
    }

    private void GiveMail(EmailAddress to)
    {
        var content = _services.Spool.Begin();
        ReportMailWriter.Write(content, _mail!, to, content.Id.Value, _services.Time.GetLocalNow());
        var transaction = OwnTransaction.OfOurs(_services.Hostname, content.Id, to, !Ascii.IsValid(to.Local)) with
        {
            // The report's domain is then authenticated by SPF as well (RFC 9990 §3.5.2).
            Sender = _mail!.From,
            Dsn = new DsnRequest { Recipients = new Dictionary<EmailAddress, RecipientDsnRequest> { [to] = new(DsnNotify.Never, null) } },
        };
        _services.Router.Tell(new DeliveryProtocol.Accept(transaction, content), Self);
    }

    private void GiveUpload(Uri target) =>
        _services.Settings.Upload(target, "application/tlsrpt+gzip", _mail!.Document, _stopped.Token)
            .PipeTo(Self, success: static trouble => new UploadFinished(trouble), failure: static e => new UploadFinished(e.Message));

    private void OnGiven(string? trouble, bool isTemporary)
    {
        var uri = _left.Dequeue();
        if (trouble is null)
        {
            _taken.Add(uri.Text);
        }
        else
        {
            _notes.Add($"{uri.Text}: {trouble}");
            _isTemporary |= isTemporary;
        }

        GiveNext();
    }

    private void GiveUp(string trouble)
    {
        _notes.Add(trouble);
        _isTemporary = true;
        End();
    }

    private void End()
    {
        var outcome = _taken.Count > 0 ? (_dryRun ? "would be sent" : "sent") : _isTemporary ? "later" : "not sent";
        if (_notes.Count > 0) outcome += "; " + string.Join("; ", _notes);
        var report = new SentReport(_about, _mail?.ReportId ?? "", _mail?.End ?? _observed.Begin, _services.Time.GetUtcNow(), _taken, outcome);
        // If some destinations have received it, it is not sent again because others have not.
        var keepsNotes = _dryRun || (_taken.Count == 0 && _isTemporary);
        Context.Parent.Tell(new ReportsProtocol.SendFinished(report, keepsNotes, IsAskedFor: _mail is not null || _notes is not [ReportRoute.NoReportsRequested]));
        Context.Stop(Self);
    }

    private sealed record RouteFound(ReportRoute Route, EmailAddress From) : INoSerializationVerificationNeeded;

    private sealed record UploadFinished(string? Trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The {Kind} report about {Domain} could not be sent")]
    private partial void LogFailed(Exception exception, ReportKind kind, string domain);
}
