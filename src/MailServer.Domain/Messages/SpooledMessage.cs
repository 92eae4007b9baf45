using System.Globalization;

namespace MailServer.Domain.Messages;

/// <summary>
/// The name of a spool file and, for ever after, of the Maildir files linked from it: <c>&lt;unix seconds&gt;.M&lt;µs&gt;P&lt;pid&gt;Q&lt;n&gt;.&lt;node&gt;</c>.
/// Delivering the same spool id twice to a folder is the same as delivering it once.
/// </summary>
public readonly record struct SpoolId(string Value)
{
    private const int LongestName = 200;
    private const char AttemptMark = '~';

    /// <summary>What the Maildir files are named after. Ids with the same base are the same message: it is filed once.</summary>
    public string Base => Value.IndexOf(AttemptMark, StringComparison.Ordinal) is >= 0 and var end ? Value[..end] : Value;

    /// <summary>Whether it names one attempt to file a message from elsewhere; nobody needs the file after the attempt.</summary>
    public bool IsAttempt => Value.Contains(AttemptMark, StringComparison.Ordinal);

    /// <summary>A new one. A clock before 1970 counts as 1970: a name that began with a minus sign would be no name of a message.</summary>
    public static SpoolId New(DateTimeOffset now, int process, long sequence, string node) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Max(0, now.ToUnixTimeSeconds())}.M{now.Ticks / 10 % 1_000_000:D6}P{process}Q{sequence}.{node}"));

    /// <summary>An id that came from outside, which is to become the name of a file: false when it is none, or leads to another directory.</summary>
    public static bool TryParse(string text, out SpoolId id)
    {
        ArgumentNullException.ThrowIfNull(text);
        id = new SpoolId(text);
        return text.Length is > 0 and <= LongestName && text[0] != '.' && !text.Any(static c => c is '/' or '\\' || char.IsControl(c));
    }

    /// <summary>
    /// A file name of its own for one attempt to file this message, so that two attempts, or what a crash left of an earlier one, never share a file.
    /// </summary>
    public SpoolId ForAttempt(long sequence, string node) => new(string.Create(CultureInfo.InvariantCulture, $"{Base}{AttemptMark}{sequence}.{node}"));

    public override string ToString() => Value;
}

/// <summary>A message that is durable in the spool with its final content, and read once.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Size">Octets.</param>
/// <param name="Summary">What was found in it.</param>
/// <param name="ReceivedAt">When it came; the internal date of delivered messages.</param>
public sealed record SpooledMessage(SpoolId Id, long Size, MessageSummary Summary, DateTimeOffset ReceivedAt);
