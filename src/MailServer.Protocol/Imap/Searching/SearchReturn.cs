using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>The result options of SEARCH and SORT, as flags: repeating one has no effect.</summary>
[Flags]
internal enum SearchReturnItems
{
    None = 0,
    Min = 1,
    Max = 2,
    All = 4,
    Count = 8,

    /// <summary>Keep the result as <c>$</c> (RFC 5182).</summary>
    Save = 16,
    Partial = 32,

    /// <summary>A hint that the search will be repeated (RFC 5267 §4.2), which has no effect.</summary>
    Context = 64,

    /// <summary>Tell how the result changes (RFC 5267 §4.3).</summary>
    Update = 128,
}

/// <summary>What a client wants to know of a result: <c>RETURN (MIN COUNT)</c> (RFC 4731 §3.1, RFC 5267 §3.1, RFC 9394 §3.1).</summary>
internal sealed record SearchReturn(SearchReturnItems Items, PartialRange Partial = default)
{
    /// <summary>The items to fetch of new messages that match, for UPDATE (RFC 5465 §7); null for none.</summary>
    public FetchPlan? NewMessages { get; init; }

    /// <summary>All matches: what IMAP4rev2 returns without options (RFC 9051 §6.4.4).</summary>
    public static SearchReturn Everything { get; } = new(SearchReturnItems.All);

    /// <summary>True when the client only wants to use the result later (RFC 5182 §1).</summary>
    public bool IsSilent => Items == SearchReturnItems.Save;

    public bool Has(SearchReturnItems item) => (Items & item) != 0;

    /// <summary>Reads the options if there are any, with the space after them; null when there are none.</summary>
    /// <returns>False when they are malformed.</returns>
    public static bool TryRead(ref ImapReader reader, out SearchReturn? options)
    {
        options = null;
        if (!reader.TryReadWord("RETURN "u8)) return true;
        if (!reader.TryRead((byte)'(')) return false;
        var (items, range, fetched) = (SearchReturnItems.None, default(PartialRange), default(FetchPlan?));
        if (!reader.TryRead((byte)')'))
        {
            do
            {
                if (!ReadItem(ref reader, ref items, ref range) && !ReadUpdate(ref reader, ref items, ref fetched)) return false;
            }
            while (reader.ReadSpace());
            if (!reader.TryRead((byte)')')) return false;
        }

        // RFC 9394 §3.1: one PARTIAL or one ALL.
        if (items.HasFlag(SearchReturnItems.Partial | SearchReturnItems.All)) return false;
        options = new SearchReturn(items == SearchReturnItems.None ? SearchReturnItems.All : items, range) { NewMessages = fetched };
        return reader.ReadSpace();
    }

    /// <summary>The messages that <c>$</c> refers to afterwards (RFC 5182 §2.4, RFC 9394 §3.2).</summary>
    public UidSet Saved(ReadOnlySpan<uint> uids)
    {
        if (uids.IsEmpty) return UidSet.Empty;
        return IsSilent ? Set(uids) : Told(uids);
    }

    /// <summary>The messages that the response is about: the first, the last, a part, or all.</summary>
    public UidSet Told(ReadOnlySpan<uint> uids)
    {
        if (uids.IsEmpty) return UidSet.Empty;
        if (Has(SearchReturnItems.All | SearchReturnItems.Count)) return Set(uids);
        var kept = new List<uint>();
        if (Has(SearchReturnItems.Min)) kept.Add(uids[0]);
        if (Has(SearchReturnItems.Max)) kept.Add(uids[^1]);
        if (Has(SearchReturnItems.Partial)) kept.AddRange(uids[Partial.Within(uids.Length)]);
        return Set(kept.ToArray());
    }

    /// <summary>The set of UIDs in any order.</summary>
    public static UidSet Set(ReadOnlySpan<uint> uids)
    {
        var ascending = uids.ToArray();
        Array.Sort(ascending);
        return UidSet.OfUids(ascending.AsSpan(0, Distinct(ascending)));
    }

    private static int Distinct(Span<uint> ascending)
    {
        var count = 0;
        foreach (var uid in ascending)
            if (count == 0 || ascending[count - 1] != uid) ascending[count++] = uid;
        return count;
    }

    private static bool ReadItem(ref ImapReader reader, ref SearchReturnItems items, ref PartialRange range)
    {
        if (reader.TryReadWord("MIN"u8)) items |= SearchReturnItems.Min;
        else if (reader.TryReadWord("MAX"u8)) items |= SearchReturnItems.Max;
        else if (reader.TryReadWord("ALL"u8)) items |= SearchReturnItems.All;
        else if (reader.TryReadWord("COUNT"u8)) items |= SearchReturnItems.Count;
        else if (reader.TryReadWord("SAVE"u8)) items |= SearchReturnItems.Save;
        else if (reader.TryReadWord("CONTEXT"u8)) items |= SearchReturnItems.Context;
        else
        {
            if (items.HasFlag(SearchReturnItems.Partial) || !reader.TryReadWord("PARTIAL "u8) || !PartialRange.Read(ref reader, out range)) return false;
            items |= SearchReturnItems.Partial;
        }

        return true;
    }

    // modifier-update; the examples of RFC 5465 §7 have a space before the list, its grammar has none.
    private static bool ReadUpdate(ref ImapReader reader, ref SearchReturnItems items, ref FetchPlan? fetched)
    {
        if (items.HasFlag(SearchReturnItems.Update) || !reader.TryReadWord("UPDATE"u8)) return false;
        items |= SearchReturnItems.Update;
        if (reader.Rest is [(byte)' ', (byte)'(', ..]) reader.ReadSpace();
        if (reader.Rest is not [(byte)'(', ..]) return true;
        fetched = FetchPlan.Read(ref reader);
        return fetched is not null;
    }
}
