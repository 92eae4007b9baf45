using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>Parses sort-criteria (RFC 5256 §5, RFC 5957 §5).</summary>
internal static class SortOrder
{
    private const int MaxCriteria = 20;

    public static IReadOnlyList<SortCriterion>? Read(ref ImapReader reader)
    {
        var order = new List<SortCriterion>();
        if (!reader.TryRead((byte)'(')) return null;
        do
        {
            var reverse = reader.TryReadWord("REVERSE "u8);
            if (!ReadKey(ref reader, out var key) || order.Count == MaxCriteria) return null;
            order.Add(new SortCriterion(key, reverse));
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')') ? order : null;
    }

    private static bool ReadKey(ref ImapReader reader, out SortKey key)
    {
        foreach (var candidate in Enum.GetValues<SortKey>())
        {
            key = candidate;
            if (reader.TryReadWord(NameOf(candidate))) return true;
        }

        key = default;
        return false;
    }

    // No name begins with another one.
    private static ReadOnlySpan<byte> NameOf(SortKey key) => key switch
    {
        SortKey.Arrival => "ARRIVAL"u8,
        SortKey.Cc => "CC"u8,
        SortKey.Date => "DATE"u8,
        SortKey.From => "FROM"u8,
        SortKey.Size => "SIZE"u8,
        SortKey.Subject => "SUBJECT"u8,
        SortKey.To => "TO"u8,
        SortKey.DisplayFrom => "DISPLAYFROM"u8,
        SortKey.DisplayTo => "DISPLAYTO"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, null),
    };
}
