using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Certificates;

/// <summary>
/// Manages a certificate for each of the node's names: orders missing ones and renews them when the certificate authority asks for it, one order at a time.
/// A new certificate is used from the next handshake on; if an order fails, the current certificate stays and the order is retried later.
/// </summary>
public sealed partial class CertificateActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickMessage = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Order = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LoadNamesMessage = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLookForNames = TimeSpan.FromHours(1);
    private readonly ExponentialBackoff _names = new(LoadNamesMessage, LongestLookForNames);
    private readonly CertificateServices _services;
    private readonly ILogger _log;
    private readonly List<ManagedCertificate> _certificates = [];
    private readonly CancellationTokenSource _stopped = new();
    private DateTimeOffset _namesAt = DateTimeOffset.MinValue;
    private bool _looking;
    private bool _ordering;

    internal CertificateActor(CertificateServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<CertificateActor>();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    internal static Props Props(CertificateServices services) => ActorFactory.Props(() => new CertificateActor(services));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickMessage);
        Self.Tell(Tick.Instance);
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
            case Tick:
                LookForNames();
                Continue();
                break;
            case NamesLoaded names:
                if (names.Wanted is null) LogNoNames(names.Failure);
                OnNames(names.Wanted);
                break;
            case Outcome outcome:
                OnOutcome(outcome);
                break;
            case CertificateProtocol.ListCertificates:
                Sender.Tell(new CertificateProtocol.CertificateList([.. _certificates.Select(c => c.Describe(_services.Issuer.Directory))]));
                break;
            case CertificateProtocol.Renew renew:
                OnRenew(renew);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void LookForNames()
    {
        if (_looking || !StoredTime.IsDue(_namesAt, Now, LongestLookForNames)) return;
        _looking = true;
        _services.Names(_stopped.Token).PipeTo(Self, success: static names => new NamesLoaded(names), failure: static e => new NamesLoaded(null, e.Message));
    }

    private void OnNames(IReadOnlyList<string>? wanted)
    {
        _looking = false;
        // The names could not be read (for example, a locked database): keep the known ones.
        if (wanted is null)
        {
            _namesAt = Now + _names.Next();
            return;
        }

        _names.Reset();
        _namesAt = Now + LoadNamesMessage;
        foreach (var gone in _certificates.Where(c => !wanted.Contains(c.Name, StringComparer.Ordinal)).ToArray())
        {
            _certificates.Remove(gone);
            _services.Problems.Clear(SubjectOf(gone));
        }

        foreach (var name in wanted.Where(n => !_certificates.Exists(c => c.Name == n)))
        {
            var certificate = new ManagedCertificate(name);
            if (_services.LoadStored(name) is { } kept) certificate.Take(kept, _services.RandomFraction());
            _certificates.Add(certificate);
        }

        // In the order of the names: the first certificate is the default for clients without SNI.
        var order = wanted.Index().ToDictionary(static n => n.Item, static n => n.Index, StringComparer.Ordinal);
        _certificates.Sort((a, b) => order[a.Name].CompareTo(order[b.Name]));
        Publish();
        Continue();
    }

    private void OnRenew(CertificateProtocol.Renew renew)
    {
        var chosen = _certificates.FindAll(c => renew.Name is null || c.Name == renew.Name);
        foreach (var certificate in chosen) certificate.RenewNow();
        Sender.Tell(new CertificateProtocol.RenewalStarted(chosen.Count));
        Continue();
    }

    /// <summary>Starts the next order or renewal window query that is due.</summary>
    private void Continue()
    {
        if (_ordering) return;
        var now = Now;
        if (_certificates.Find(c => c.IsDue(now)) is { } due) Begin(due, OrderAsync(due.Name, due.Current));
        else if (_certificates.Find(c => c.IsWindowQueryDue(now)) is { } unsure) Begin(unsure, AskAsync(unsure.Current!));
    }

    private void Begin(ManagedCertificate certificate, Task<Outcome> work)
    {
        _ordering = true;
        work.PipeTo(Self, success: outcome => outcome with { Name = certificate.Name }, failure: e => new Outcome { Name = certificate.Name, Failure = e });
    }

    private async Task<Outcome> OrderAsync(string name, ServerCertificate? current)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        late.CancelAfter(Order);
        // Rehearse only new names: a name that was issued before will be issued again.
        if (current is null && _services.StagingIssuer is { } rehearsal) await rehearsal.RehearseAsync(name, late.Token);
        return new Outcome { Issued = await _services.Issuer.IssueAsync(name, current?.Certificate, late.Token) };
    }

    private async Task<Outcome> AskAsync(ServerCertificate current)
    {
        try
        {
            return new Outcome { Window = await _services.Issuer.RenewalWindowAsync(current.Certificate, _stopped.Token) };
        }
        catch (Exception e)
        {
            // Any exception type: only the query failed, and it is retried later.
            return new Outcome { Failure = e, IsWindowQuery = true };
        }
    }

    private void OnOutcome(Outcome outcome)
    {
        _ordering = false;
        if (_certificates.Find(c => c.Name == outcome.Name) is { } certificate)
        {
            if (outcome.Issued is { } issued)
            {
                certificate.Take(issued, _services.RandomFraction());
                _services.Problems.Clear(SubjectOf(certificate));
                var notAfter = issued.Certificate.NotAfter.ToUniversalTime();
                LogIssued(certificate.Name, notAfter);
                Publish();
                _services.OnIssued(certificate.Name);
            }
            else if (outcome.Failure is { } failure) OnFailure(certificate, failure, outcome.IsWindowQuery);
            else
            {
                certificate.Take(outcome.Window, Now, _services.RandomFraction());
                if (certificate.Failure.Length == 0) _services.Problems.Clear(SubjectOf(certificate));
            }
        }

        Continue();
    }

    private void OnFailure(ManagedCertificate certificate, Exception failure, bool isQuestion)
    {
        var reason = failure is OperationCanceledException ? "it took too long" : failure.Message;
        var problem = failure is AcmeException { Failure: AcmeFailure.AccountFile } ? new NodeProblem(SubjectOf(certificate), reason, AcmeStore.AccountFileRemedy) : null;
        if (problem is not null) _services.Problems.Report(problem);
        if (isQuestion)
        {
            certificate.FailWindowQuery(Now);
            LogNoWindow(certificate.Name, reason);
            return;
        }

        // The list of problems shows a persistent failure once, however often it occurs.
        if (problem is null) _services.Problems.Clear(SubjectOf(certificate));
        certificate.Fail(reason, (failure as AcmeException)?.RetryAfter, Now);
        LogFailed(certificate.Name, certificate.Failure, certificate.NextAttempt);
    }

    private static string SubjectOf(ManagedCertificate certificate) => "renewal of the certificate for " + certificate.Name;

    private void Publish() => CertificatePublisher.Publish(_services, [.. _certificates.Select(static c => c.Current)]);

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate for {Name} issued, valid until {NotAfter:yyyy-MM-ddTHH:mm:ssZ}")]
    private partial void LogIssued(string name, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "Certificate order for {Name} failed: {Reason}; next attempt at {NextAttempt:yyyy-MM-ddTHH:mm:ssZ}")]
    private partial void LogFailed(string name, string reason, DateTimeOffset? nextAttempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "No renewal window for the certificate of {Name}: {Reason}")]
    private partial void LogNoWindow(string name, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The names that need certificates could not be read: {Reason}")]
    private partial void LogNoNames(string reason);

    private sealed class Tick
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record NamesLoaded(IReadOnlyList<string>? Wanted, string Failure = "") : INoSerializationVerificationNeeded;

    private sealed record Outcome : INoSerializationVerificationNeeded
    {
        public string Name { get; init; } = "";

        public ServerCertificate? Issued { get; init; }

        public RenewalWindow? Window { get; init; }

        public Exception? Failure { get; init; }

        /// <summary>Only a renewal window query.</summary>
        public bool IsWindowQuery { get; init; }
    }
}
