using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Headers;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Resolves the recipients of a message, checks who may send it, authenticates mail from outside, and applies rate limits. Stores nothing. Safe for
/// concurrent use.
/// </summary>
internal sealed partial class MessagePreparer(DeliveryServices services, ILogger log)
{
    private readonly ListPlanner _lists = new(services);

    private static readonly SmtpReply Looping = new(554, "5.4.6", "Too many hops: the message is looping");
    private static readonly SmtpReply HeaderTooLong = new(552, "5.3.4", "The header section is too long");
    private static readonly SmtpReply NotTheAuthor = new(550, "5.7.1", "The From field contains an address that does not belong to your account");

    /// <summary>The message with its destinations or its refusal. Problems of disk and directory are a temporary refusal.</summary>
    public async ValueTask<PreparedMessage> PrepareAsync(DeliveryProtocol.Accept accept, IActorRef client)
    {
        var transaction = accept.Transaction;
        var prepared = new PreparedMessage(accept, client, new ResolvedRecipients(), null, null, null);
        try
        {
            using var content = accept.Content.OpenContent();
            if (HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize) is not { } header) return prepared with { Refusal = HeaderTooLong };
            var fields = SubmissionHeaders.Read(header);
            if (fields.ReceivedFields > services.Limits.ReceivedFields) return prepared with { Refusal = Looping };
            if (transaction.Account is { } account && !(fields.From is { } authors && await services.Addresses.MayWriteAsAsync(account, authors, default)))
                return prepared with { Refusal = NotTheAuthor };

            var (destinations, refusal) = await services.Addresses.ResolveAsync(transaction, default);
            prepared = prepared with { Destinations = destinations, Refusal = refusal, Fields = fields };
            if (refusal is not null) return prepared;
            var clean = await services.ForgedResults.CleanAsync(header, default);
            prepared = transaction.Account is { } sending ? prepared with { Refusal = services.Admission?.CheckOutgoing(sending, destinations.Remote.Keys) }
                : transaction.Policy == SessionPolicy.Receiving ? await JudgeAsync(prepared, content) : prepared;
            if (prepared.Refusal is null) prepared = await _lists.PlanAsync(prepared, header, default);
            return clean is null || prepared.Refusal is not null ? prepared : prepared.WithHeader(clean, header.Length, services.Spool);
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException or DirectoryException)
        {
            LogFailed(log, e, transaction.SessionId);
            return prepared with { Refusal = DeliveryPlan.StorageFailed };
        }
    }

    /// <summary>The refusal after an unexpected failure, so that the client is not left waiting.</summary>
    public PreparedMessage Fail(DeliveryProtocol.Accept accept, IActorRef client, Exception e)
    {
        LogFailed(log, e, accept.Transaction.SessionId);
        return new PreparedMessage(accept, client, new ResolvedRecipients(), DeliveryPlan.StorageFailed, null, null);
    }

    /// <summary>Authenticates mail from outside, applies rate limits, and determines the sender for forwarded copies.</summary>
    private async ValueTask<PreparedMessage> JudgeAsync(PreparedMessage prepared, MessageContent content)
    {
        var transaction = prepared.Accept.Transaction;
        var verdict = services.Verifier is { } verifier ? await verifier.VerifyAsync(transaction, content, default) : null;
        prepared = prepared with { Verdict = verdict, Refusal = verdict?.Refusal };
        if (prepared.Refusal is not null) return prepared;
        if (services.Admission is { } admission)
        {
            if (admission.CheckDomain(verdict?.SpfDomain) is { } tooFast) return prepared with { Refusal = tooFast };
            prepared = prepared with { BlockListReason = await admission.FindJunkReasonAsync(transaction.RemoteAddress, default) };
            await admission.DelayFirstContactAsync(transaction.Sender, transaction.Recipients, default);
        }

        return prepared with { Sender = await services.Forwarding.RewriteSenderAsync(transaction, prepared.Destinations, default) };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of session {Session} could not be accepted")]
    private static partial void LogFailed(ILogger log, Exception exception, string session);
}
