using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Formatting;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Delivery;

/// <summary>The first trace steps of a message: how it arrived, the authentication results, and the destination of each recipient.</summary>
internal static class DeliveryTraceSteps
{
    public static IEnumerable<TraceStep> Refused(SpoolId message, PreparedMessage prepared, SmtpReply reply, DateTimeOffset now)
    {
        yield return Came(message, prepared, "received", now);
        if (prepared.Verdict is { } verdict) yield return new TraceStep(message, null, now, "", $"checked: {verdict}");
        yield return new TraceStep(message, null, now, "", $"refused: {reply}");
    }

    public static IEnumerable<TraceStep> Accepted(
        SpooledMessage message, string? messageId, PreparedMessage prepared, bool signed, IReadOnlyDictionary<AccountId, SmtpReply?> later, DateTimeOffset now)
    {
        var accepted = $"accepted, {Quantity.Of(message.Size, "octet")},";
        yield return Came(message.Id, prepared, accepted, now) with { MessageId = messageId };
        if (prepared.Verdict is { } verdict) yield return new TraceStep(message.Id, null, now, "", $"checked: {verdict}");
        if (signed) yield return new TraceStep(message.Id, null, now, "", $"signed for {prepared.Fields!.From![0].Domain} (DKIM)");
        var folder = prepared.Verdict?.QuarantineReason is { } reason ? $" as Junk ({reason})" : "";
        foreach (var (account, named) in prepared.Destinations.Accounts)
            yield return new TraceStep(message.Id, null, now, named.ToString(), later.TryGetValue(account, out var why) ? Postponed(account, why) : $"delivered to the mailbox of account {account}{folder}");
        foreach (var (address, named) in prepared.Destinations.Remote)
            yield return new TraceStep(message.Id, null, now, address.ToString(), address.Equals(named) ? "queued" : $"queued through alias {named}");
        foreach (var (index, post) in prepared.Posts.Index()) yield return new TraceStep(message.Id, null, now, post.List.Address.ToString(), Posted(message.Id, post, index));
    }

    private static string Posted(SpoolId message, ListPost post, int index) => post switch
    {
        { Refusal: { } refusal } => $"refused by the mailing list ({refusal})",
        { Members: null } => "not sent again: the message has been through the mailing list before",
        { Count: 0 } => "all members of the mailing list get it through another list",
        _ => FormattableString.Invariant($"sent by the mailing list to {Quantity.Of(post.Count, "member")} as message {ListMailer.IdOf(message, index).Value}")
            + (post.RewrittenAuthor is null ? "" : "; From is the list, because the DMARC policy of the author's domain would have it refused"),
    };

    private static string Postponed(AccountId account, SmtpReply? why) => why switch
    {
        null => $"held for the mailbox of account {account}",
        { IsTransient: false } => $"refused by a script of account {account} ({why}); the sender is told",
        _ => $"queued: the mailbox of account {account} could not accept it ({why})",
    };

    private static TraceStep Came(SpoolId message, PreparedMessage prepared, string word, DateTimeOffset now)
    {
        var transaction = prepared.Accept.Transaction;
        var tls = transaction.Tls is { } used ? $" under {used.Protocol}" : " without TLS";
        var by = transaction.Account is { } account ? $", signed in as {account.Address}" : "";
        return new TraceStep(message, prepared.Fields?.MessageId, now, "", $"{word} from <{transaction.Sender}> by {transaction.RemoteAddress} ({transaction.HeloName}){tls}{by} in session {transaction.SessionId}");
    }
}
