using System.Runtime.InteropServices;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// What SORT and THREAD have read from the messages of a loaded folder, so that the next ones only sort. Filled on demand from the cached header fields
/// and released with the messages of the folder; equal texts and ids are stored once.
/// </summary>
internal sealed class OrderCache
{
    /// <summary>A cache that is estimated to be larger is released after the request.</summary>
    private const long MaxOctets = 48 * 1024 * 1024;

    private const int RowOctets = 120;

    private const OrderFields Addresses = OrderFields.From | OrderFields.To | OrderFields.Cc | OrderFields.DisplayFrom | OrderFields.DisplayTo;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private UidList _uids = UidList.Empty;
    private OrderRow?[] _rows = [];
    private long _octets;

    public bool IsTooLarge => _octets > MaxOctets;

    /// <summary>The row at the position that a message has in <see cref="Align"/>'s list; null if nothing is known.</summary>
    public OrderRow? this[int position] => _rows[position];

    /// <summary>Fields that are read together: all addresses have the same cost as one.</summary>
    public static OrderFields Widen(OrderFields fields) => (fields & Addresses) == 0 ? fields : fields | Addresses;

    /// <summary>Adapts the cache to the current messages of the folder.</summary>
    public void Align(UidList uids)
    {
        if (ReferenceEquals(uids, _uids)) return;
        var rows = new OrderRow?[uids.Count];
        ReadOnlySpan<uint> before = _uids.Span, after = uids.Span;
        for (int at = 0, old = 0; at < after.Length && old < before.Length;)
        {
            if (before[old] < after[at]) old++;
            else if (before[old] > after[at]) at++;
            else rows[at++] = _rows[old++];
        }

        (_uids, _rows) = (uids, rows);
    }

    public bool Knows(int position, OrderFields fields) => _rows[position] is { } row && (row.Known & fields) == fields;

    public void Add(int position, OrderFields fields, OrderValues values)
    {
        var row = _rows[position] ??= NewRow();
        row.Known |= fields;
        if (fields.HasFlag(OrderFields.SentTime)) row.SentTime = values.SentTime?.ToUnixTimeSeconds();
        if (fields.HasFlag(OrderFields.Subject)) (row.Subject, row.IsReply) = (Shared(values.Subject), values.IsReply);
        if ((fields & Addresses) != 0)
        {
            (row.From, row.To, row.Cc) = (Shared(values.From), Shared(values.To), Shared(values.Cc));
            (row.DisplayFrom, row.DisplayTo) = (Shared(values.DisplayFrom), Shared(values.DisplayTo));
        }

        if (!fields.HasFlag(OrderFields.References)) return;
        row.MessageId = values.MessageId is { } id ? NumberOf(id) : -1;
        row.References = [.. values.References.Select(NumberOf)];
        _octets += row.References.Length * sizeof(int);
    }

    private OrderRow NewRow()
    {
        _octets += RowOctets;
        return new OrderRow();
    }

    private string Shared(string text)
    {
        if (text.Length == 0) return "";
        ref var shared = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, text, out var isKnown);
        if (isKnown) return shared!;
        _octets += Cost(text);
        return shared = text;
    }

    private int NumberOf(string id)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, id, out var isKnown);
        if (isKnown) return number;
        _octets += Cost(id);
        return number = _ids.Count - 1;
    }

    /// <summary>A text and its entry in a dictionary.</summary>
    private static int Cost(string text) => 64 + (2 * text.Length);
}
