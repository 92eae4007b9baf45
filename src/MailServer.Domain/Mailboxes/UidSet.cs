using System.Globalization;

namespace MailServer.Domain.Mailboxes;

/// <summary>A set of UIDs as ascending, disjoint, inclusive ranges: a sequence-set in which <c>*</c> has been resolved.</summary>
public sealed class UidSet
{
    private readonly (uint First, uint Last)[] _ranges;

    private UidSet((uint First, uint Last)[] ranges) => _ranges = ranges;

    public static UidSet Empty { get; } = new([]);

    public static UidSet All { get; } = new([(1, uint.MaxValue)]);

    public IReadOnlyList<(uint First, uint Last)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>Creates a set from ranges in any order, which may overlap.</summary>
    public static UidSet Of(params IEnumerable<(uint First, uint Last)> ranges)
    {
        var merged = new List<(uint First, uint Last)>();
        foreach (var (a, b) in ranges.Select(r => (Math.Min(r.First, r.Last), Math.Max(r.First, r.Last))).Order())
        {
            if (merged.Count > 0 && a <= (ulong)merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, b));
            else
                merged.Add((a, b));
        }

        return merged.Count == 0 ? Empty : new UidSet([.. merged]);
    }

    /// <summary>Creates a set from ascending UIDs.</summary>
    public static UidSet OfUids(ReadOnlySpan<uint> uids)
    {
        var ranges = new List<(uint First, uint Last)>();
        foreach (var uid in uids)
        {
            if (ranges.Count > 0 && ranges[^1].Last + 1 == uid) ranges[^1] = (ranges[^1].First, uid);
            else ranges.Add((uid, uid));
        }

        return ranges.Count == 0 ? Empty : new UidSet([.. ranges]);
    }

    public bool Contains(uint uid)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (uid < _ranges[middle].First) high = middle - 1;
            else if (uid > _ranges[middle].Last) low = middle + 1;
            else return true;
        }

        return false;
    }

    /// <summary>Returns the UIDs of the list that belong to the set, ascending. The work depends on the lengths of both, not on the width of the ranges.</summary>
    public uint[] Intersect(UidList uids)
    {
        ArgumentNullException.ThrowIfNull(uids);
        if (_ranges.Length == 1 && uids.Count > 0 && _ranges[0].First <= uids[0] && _ranges[0].Last >= uids.Last) return uids.Span.ToArray();
        var found = new List<uint>();
        var span = uids.Span;
        foreach (var (first, last) in _ranges)
        {
            var start = span.BinarySearch(first);
            for (var i = start < 0 ? ~start : start; i < span.Length && span[i] <= last; i++) found.Add(span[i]);
        }

        return [.. found];
    }

    /// <summary>Returns the UIDs that belong to both sets.</summary>
    public UidSet Intersect(UidSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var common = new List<(uint First, uint Last)>();
        for (int here = 0, there = 0; here < _ranges.Length && there < other._ranges.Length;)
        {
            var (first, last) = (Math.Max(_ranges[here].First, other._ranges[there].First), Math.Min(_ranges[here].Last, other._ranges[there].Last));
            if (first <= last) common.Add((first, last));
            if (_ranges[here].Last < other._ranges[there].Last) here++;
            else there++;
        }

        return common.Count == 0 ? Empty : new UidSet([.. common]);
    }

    /// <summary>Returns the set without the UIDs of a list.</summary>
    public UidSet Except(UidList uids)
    {
        ArgumentNullException.ThrowIfNull(uids);
        var rest = new List<(uint First, uint Last)>();
        var span = uids.Span;
        foreach (var (first, last) in _ranges)
        {
            var next = (ulong)first;
            var start = span.BinarySearch(first);
            for (var i = start < 0 ? ~start : start; i < span.Length && span[i] <= last; i++)
            {
                if (span[i] > next) rest.Add(((uint)next, span[i] - 1));
                next = (ulong)span[i] + 1;
            }

            if (next <= last) rest.Add(((uint)next, last));
        }

        return rest.Count == 0 ? Empty : new UidSet([.. rest]);
    }

    /// <summary>The IMAP notation: <c>1:3,7</c>.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(r => r.First == r.Last
        ? r.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{r.First}:{r.Last}")));
}
