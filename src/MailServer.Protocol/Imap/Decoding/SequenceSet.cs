using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>A sequence-set as it was written (RFC 3501 §9): what its numbers and <c>*</c> mean is known only to a view of a folder.</summary>
internal sealed class SequenceSet((uint First, uint Last)[] ranges)
{
    /// <summary>How <c>*</c> is kept: 0 is no sequence number and no UID.</summary>
    public const uint Star = 0;

    public static SequenceSet Empty { get; } = new([]);

    public IReadOnlyList<(uint First, uint Last)> Ranges => ranges;

    /// <summary>The set with <paramref name="last"/> for <c>*</c>; <c>*:123</c> is <c>123:*</c>.</summary>
    public UidSet Resolve(uint last) => UidSet.Of(ranges.Select(r => (r.First == Star ? last : r.First, r.Last == Star ? last : r.Last)));

    /// <summary>Whether every number is one of 1 to <paramref name="count"/>, and <c>*</c> means one.</summary>
    public bool IsWithin(int count)
    {
        foreach (var (first, last) in ranges)
            if (count == 0 || first > (uint)count || last > (uint)count) return false;
        return true;
    }

    public override string ToString() => string.Join(',', ranges.Select(r => r.First == r.Last ? Text(r.First) : $"{Text(r.First)}:{Text(r.Last)}"));

    private static string Text(uint number) => number == Star ? "*" : number.ToString(CultureInfo.InvariantCulture);
}
