using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>A sequence-set as written (RFC 3501 §9). Only a view of the folder can resolve its numbers and <c>*</c>.</summary>
internal sealed class SequenceSet((uint First, uint Last)[] ranges)
{
    /// <summary>The value that represents <c>*</c>: 0 is neither a sequence number nor a UID.</summary>
    public const uint Star = 0;

    public static SequenceSet Empty { get; } = new([]);

    /// <summary><c>$</c>: the saved result of a search (RFC 5182).</summary>
    public static SequenceSet Saved { get; } = new([]);

    public bool IsSaved => ReferenceEquals(this, Saved);

    public IReadOnlyList<(uint First, uint Last)> Ranges => ranges;

    /// <summary>Replaces <c>*</c> by <paramref name="last"/>; <c>*:123</c> equals <c>123:*</c>.</summary>
    public UidSet Resolve(uint last) => UidSet.Of(ranges.Select(r => (r.First == Star ? last : r.First, r.Last == Star ? last : r.Last)));

    /// <summary>True for <c>1:*</c> and <c>*</c>, which clients also use in empty folders.</summary>
    public bool IsAll => ranges is [(1 or Star, Star) or (Star, 1)];

    /// <summary>Whether every number is between 1 and <paramref name="count"/>. <c>*</c> requires at least one message.</summary>
    public bool IsWithin(int count)
    {
        foreach (var (first, last) in ranges)
            if (count == 0 || first > (uint)count || last > (uint)count) return false;
        return true;
    }

    public override string ToString() => IsSaved ? "$" : string.Join(',', ranges.Select(r => r.First == r.Last ? Text(r.First) : $"{Text(r.First)}:{Text(r.Last)}"));

    private static string Text(uint number) => number == Star ? "*" : number.ToString(CultureInfo.InvariantCulture);
}
