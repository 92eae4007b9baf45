using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Dsn;
using MailServer.Protocol.Smtp.Headers;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>Writes one notice, submits it to the router with a null sender, reports the result to its partition, and stops.</summary>
internal sealed partial class NoticeActor(QueueServices services, QueueItem item, DsnAction action, IReadOnlyList<int> recipients) : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ILogger _log = services.Loggers.CreateLogger<NoticeActor>();

    public static Props Props(QueueServices services, QueueItem item, DsnAction action, IReadOnlyList<int> recipients) =>
        ActorFactory.Props(() => new NoticeActor(services, item, action, recipients)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        Context.SetReceiveTimeout(Patience);
        var content = services.Spool.Begin();
        var (returned, whole) = Returned();
        DsnMessageWriter.Write(content, Describe(content.Id.Value), returned, whole);
        services.Router.Tell(new DeliveryProtocol.Accept(OwnTransaction.OfOurs(services.Hostname, item), content), Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SmtpReply reply:
                LogNotice(action, item.Message, item.Sender!, reply);
                // A permanent failure: the notice counts as sent, because the sender can never be notified.
                End(sent: !reply.IsTransient);
                break;
            case ReceiveTimeout:
                End(sent: false);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void End(bool sent)
    {
        Context.Parent.Tell(new NoticeProtocol.NoticeFinished(item.Message, action, recipients, sent));
        Context.Stop(Self);
    }

    private DsnMessage Describe(string unique) => new()
    {
        Action = action,
        Hostname = services.Hostname,
        To = item.Sender!,
        UniqueId = string.Create(CultureInfo.InvariantCulture, $"{unique}.dsn"),
        Now = services.Time.GetLocalNow(),
        ArrivedAt = item.QueuedAt,
        EnvelopeId = item.EnvelopeId,
        RetryUntil = action == DsnAction.Delayed ? item.StartsAt + services.Options.Schedule.MaxAge : null,
        Recipients = [.. recipients.Select(i => item.Recipients[i]).Select(static r => new DsnRecipient(r.Address, r.OriginalRecipient, r.LastAttempt))],
    };

    /// <summary>The whole message for a failure if the sender requested it (RET=FULL) and it is not too large; otherwise its header.</summary>
    private (byte[] Content, bool Whole) Returned()
    {
        try
        {
            using var content = QueuedContent.Open(services, item);
            var whole = action == DsnAction.Failed && item.Return == DsnReturn.Full && !item.RequireTls && content.Length <= services.Limits.ReturnedContent;
            return whole ? (content.ReadRange(0, (int)content.Length), true) : (HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize) ?? [], false);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNoContent(e, item.Message);
            return ([], false);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Notice ({Action}) about message {Message} to <{Sender}>: {Reply}")]
    private partial void LogNotice(DsnAction action, Domain.Messages.SpoolId message, Domain.Addresses.EmailAddress sender, SmtpReply reply);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice about message {Message} sent without the content, which cannot be read")]
    private partial void LogNoContent(Exception exception, Domain.Messages.SpoolId message);
}
