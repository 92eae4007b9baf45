using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Domain.Messages;

/// <summary>
/// The name of a spool file and of the Maildir files linked from it: <c>&lt;unix
/// seconds&gt;.M&lt;µs&gt;P&lt;pid&gt;Q&lt;n&gt;.&lt;node&gt;</c>. Delivery is idempotent: a folder stores each spool id once.
/// </summary>
public readonly record struct SpoolId(string Value)
{
    private const int LongestName = 200;
    private const char AttemptMark = '~';
    private const char DerivedMark = '-';
    private const int LongestDerived = 80;

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

    /// <summary>
    /// The id of another message that follows from this one, such as an automatic reply: the same id whenever it is made again, so that the queue and the mailboxes recognise it.
    /// </summary>
    /// <param name="part">What distinguishes it; letters and digits.</param>
    public SpoolId Derive(string part)
    {
        var (start, end) = SequencePart(Base);
        var (head, sequence, tail) = (Base[..start], Base[start..end], Base[end..]);
        var derived = $"{sequence}{DerivedMark}{part}";
        // A message that is redirected again and again must not get an ever longer name.
        if (derived.Length > LongestDerived)
            derived = $"{sequence.Split(DerivedMark)[0]}{DerivedMark}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(derived)))[..16]}";
        return new SpoolId(head + derived + tail);
    }

    /// <summary>True if <see cref="Derive"/> made the id.</summary>
    public bool IsDerived
    {
        get
        {
            var (start, end) = SequencePart(Value);
            return Value.AsSpan(start, end - start).Contains(DerivedMark);
        }
    }

    // Between the first and the second dot; the node, which follows, may contain any character.
    private static (int Start, int End) SequencePart(string value)
    {
        var start = value.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = value.IndexOf('.', start);
        return (start, end < 0 ? value.Length : end);
    }

    public override string ToString() => Value;
}

/// <summary>A message with its final content, durable in the spool and already parsed.</summary>
/// <param name="Id">The spool id.</param>
/// <param name="Size">Size in octets.</param>
/// <param name="Summary">The parsed properties.</param>
/// <param name="ReceivedAt">Time of receipt; the internal date of delivered messages.</param>
public sealed record SpooledMessage(SpoolId Id, long Size, MessageSummary Summary, DateTimeOffset ReceivedAt);
