using System.Text;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Submission;

/// <summary>The SMTP reply to a message that a script refuses (RFC 5429 §2.1.1).</summary>
internal static class RejectionReply
{
    private const int MaxLines = 20;
    private const int MaxLine = 200;
    private const string Default = "The recipient does not accept this message";

    /// <summary>The reply with the text of the script. A reply is ASCII: a text with other characters is replaced by a general one.</summary>
    public static SmtpReply Of(string reason)
    {
        var lines = reason.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var isUsable = lines.Length is > 0 and <= MaxLines && lines.All(static l => l.Length <= MaxLine && Ascii.IsValid(l) && !l.Any(char.IsControl));
        return new SmtpReply(550, "5.7.1", isUsable ? string.Join('\n', lines) : Default);
    }
}
