using System.Globalization;

namespace MailServer.Domain.Messages;

/// <summary>
/// The name of a spool file and of the Maildir files linked from it: <c>&lt;unix
/// seconds&gt;.M&lt;µs&gt;P&lt;pid&gt;Q&lt;n&gt;.&lt;node&gt;</c>. Delivery is idempotent: a folder stores each spool id once.
/// </summary>
public readonly record struct SpoolId(string Value)
{
    private const int LongestName = 200;
    private const char AttemptMark = '~';

    /// <summary>The base name of the Maildir files. Ids with the same base denote the same message, which a folder stores once.</summary>
    public string Base => Value.IndexOf(AttemptMark, StringComparison.Ordinal) is >= 0 and var end ? Value[..end] : Value;

    /// <summary>True if the id belongs to one attempt to import a message; its file is not needed after the attempt.</summary>
    public bool IsAttempt => Value.Contains(AttemptMark, StringComparison.Ordinal);

    /// <summary>Creates an id. Times before 1970 count as 1970, because a base name must not start with a minus sign.</summary>
    public static SpoolId New(DateTimeOffset now, int process, long sequence, string node) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Max(0, now.ToUnixTimeSeconds())}.M{now.Ticks / 10 % 1_000_000:D6}P{process}Q{sequence}.{node}"));

    /// <summary>Parses an id from an untrusted source for use as a file name. Returns false if it is invalid or would lead to another directory.</summary>
    public static bool TryParse(string text, out SpoolId id)
    {
        ArgumentNullException.ThrowIfNull(text);
        id = new SpoolId(text);
        return text.Length is > 0 and <= LongestName && text[0] != '.' && !text.Any(static c => c is '/' or '\\' || char.IsControl(c));
    }

    /// <summary>Returns a separate file name for one import attempt, so that concurrent attempts and leftovers of a crash never share a file.</summary>
    public SpoolId ForAttempt(long sequence, string node) => new(string.Create(CultureInfo.InvariantCulture, $"{Base}{AttemptMark}{sequence}.{node}"));

    public override string ToString() => Value;
}

/// <summary>A message with its final content, durable in the spool and already parsed.</summary>
/// <param name="Id">The spool id.</param>
/// <param name="Size">Size in octets.</param>
/// <param name="Summary">The parsed properties.</param>
/// <param name="ReceivedAt">Time of receipt; the internal date of delivered messages.</param>
public sealed record SpooledMessage(SpoolId Id, long Size, MessageSummary Summary, DateTimeOffset ReceivedAt);
