using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Corrects submitted messages, for which this server answers towards other hosts (RFC 6409 §8): removes blind copies and shortens lines before the message
/// is signed. Mail that cannot be signed now is deferred.
/// </summary>
internal sealed partial class SubmissionCorrector(DeliveryServices services, ILogger log)
{
    private static readonly SmtpReply LineTooLong =
        new(554, "5.6.3", "A signed or encrypted part has a line of more than 998 octets; encode it as quoted-printable or base64 before signing (RFC 5322 section 2.1.1)");

    /// <summary>
    /// The corrected message, or its refusal. If a correction would break a signature of the user, the message is refused: hosts on its way may refuse or
    /// break such lines. Notices of this server, which may contain a message of others, are sent as they are.
    /// </summary>
    public PreparedMessage Correct(PreparedMessage prepared)
    {
        var accept = prepared.Accept;
        if (prepared.Refusal is not null || accept.Transaction.Policy != SessionPolicy.Submission) return prepared;
        if (RefusalToSign(prepared) is { } notNow) return prepared with { Refusal = notNow };
        var made = services.Spool.Begin();
        var isUsed = false;
        try
        {
            SubmissionChange change;
            using (var content = accept.Content.OpenContent()) change = SubmissionEncoder.Encode(content, services.Limits, made);
            if (change == SubmissionChange.Rewritten)
            {
                accept.Content.Dispose();
                isUsed = true;
                return prepared with { Accept = accept with { Content = made } };
            }

            return change == SubmissionChange.Impossible && accept.Transaction.Account is not null ? prepared with { Refusal = LineTooLong } : prepared;
        }
        catch (IOException e)
        {
            LogFailed(log, e, accept.Transaction.SessionId);
            return prepared with { Refusal = DeliveryPlan.StorageFailed };
        }
        finally
        {
            if (!isUsed) made.Dispose();
        }
    }

    /// <summary>The reply to mail from a domain whose keys cannot be used; null if it can be signed, or needs no signature.</summary>
    private SmtpReply? RefusalToSign(PreparedMessage prepared) =>
        services.Signer is { } signer && prepared.Fields?.From is [var author, ..] && !signer.CanSign(author.Domain) ? OutboundSigner.CannotSign : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "The submitted message of session {Session} could not be corrected")]
    private static partial void LogFailed(ILogger log, Exception exception, string session);
}
