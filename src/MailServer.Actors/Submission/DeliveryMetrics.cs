using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Submission;

/// <summary>Records delivery metrics.</summary>
internal static class DeliveryMetrics
{
    /// <summary>A client submitted a message and received a reply.</summary>
    public static void Offered(MailTransaction transaction, SmtpReply reply) => ServerMetrics.OfferedMessages.Add(
        1,
        Tag("policy", transaction.Policy == SessionPolicy.Receiving ? "receiving" : "submission"),
        Tag("answer", reply.Code switch { < 400 => "accepted", < 500 => "deferred", _ => "refused" }));

    /// <summary>Another server named a sender or recipient and received a reply; only refusals count.</summary>
    public static void Refused(SmtpReply reply)
    {
        if (!reply.IsPositive) ServerMetrics.RefusedRecipients.Add(1, Tag("answer", reply.Code < 500 ? "deferred" : "refused"));
    }

    public static void Delivered(MailboxReply result) =>
        ServerMetrics.Deliveries.Add(1, Tag("destination", "local"), Tag("result", result switch { MailboxReply.Refused => "deferred", MailboxReply.Rejected => "failed", _ => "delivered" }));

    /// <summary>A delivery attempt for one recipient on another host.</summary>
    public static void Attempted(RecipientState state) => ServerMetrics.Deliveries.Add(
        1, Tag("destination", "remote"), Tag("result", state switch { RecipientState.Delivered => "delivered", RecipientState.Failed => "failed", _ => "deferred" }));

    public static void Checked(TrustVerdict verdict)
    {
        foreach (var text in verdict.Results)
        {
            // 'spf=pass smtp.mailfrom=…', as in Authentication-Results.
            var end = text.AsSpan().IndexOfAny(' ', ';', '(');
            var word = end < 0 ? text.AsSpan() : text.AsSpan(0, end);
            if (word.IndexOf('=') is > 0 and var equals) ServerMetrics.Verdicts.Add(1, Tag("check", word[..equals].ToString()), Tag("result", word[(equals + 1)..].ToString()));
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
