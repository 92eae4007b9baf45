using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Messages;

namespace MailServer.Actors.Delivery;

// Corrections of submitted messages, for which this server answers towards other hosts (RFC 6409 §8).
internal sealed partial class DeliveryWorkerActor
{
    private static readonly SmtpReply LineTooLong =
        new(554, "5.6.3", "A signed or encrypted part has a line of more than 998 octets; encode it as quoted-printable or base64 before signing (RFC 5322 section 2.1.1)");

    /// <summary>The reply to mail from a domain whose keys cannot be used; null if it can be signed, or needs no signature.</summary>
    private SmtpReply? RefusalToSign(PreparedMessage prepared) =>
        _services.Signer is { } signer && prepared.Fields?.From is [var author, ..] && !signer.CanSign(author.Domain) ? OutboundSigner.CannotSign : null;

    /// <summary>
    /// Removes blind copies and shortens lines before the message is signed. If that would break a signature of the user, the message is refused: hosts
    /// on its way may refuse or break such lines. Notices of this server, which may contain a message of others, are sent as they are.
    /// </summary>
    private PreparedMessage CorrectSubmission(PreparedMessage prepared)
    {
        var accept = prepared.Accept;
        if (prepared.Refusal is not null || accept.Transaction.Policy != SessionPolicy.Submission) return prepared;
        if (RefusalToSign(prepared) is { } notNow) return prepared with { Refusal = notNow };
        var made = _services.Spool.Begin();
        try
        {
            SubmissionChange change;
            using (var content = accept.Content.OpenContent()) change = SubmissionEncoder.Encode(content, _services.Limits, made);
            if (change == SubmissionChange.Rewritten)
            {
                accept.Content.Dispose();
                return prepared with { Accept = accept with { Content = made } };
            }

            made.Dispose();
            return change == SubmissionChange.Impossible && accept.Transaction.Account is not null ? prepared with { Refusal = LineTooLong } : prepared;
        }
        catch (IOException e)
        {
            made.Dispose();
            LogFailed(e, accept.Transaction.SessionId);
            return prepared with { Refusal = StorageFailed };
        }
    }
}
