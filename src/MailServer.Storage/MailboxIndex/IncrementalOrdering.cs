using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Ordering;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// A SORT or THREAD in slices: searches, reads what it needs of the messages found, and orders them. What it reads is kept for the next one
/// (<see cref="OrderCache"/>). Messages that are removed in the meantime are left out.
/// </summary>
public sealed class IncrementalOrdering : IIncrementalRequest
{
    private const int CostOfRow = 4;

    private readonly MailboxContext _context;
    private readonly Folder _folder;
    private readonly SummaryBuilder _summaries;
    private readonly IncrementalSearch _search;
    private readonly IReadOnlyList<SortCriterion>? _order;
    private readonly OrderFields _fields;
    private readonly List<Uid> _unreadable = [];
    private OrderCache? _cache;
    private int _next;

    internal IncrementalOrdering(MailboxContext context, Folder folder, SummaryBuilder summaries, IncrementalSearch search, IReadOnlyList<SortCriterion> order)
        : this(context, folder, summaries, search)
    {
        _order = order;
        _fields = OrderCache.Widen(order.Aggregate(OrderFields.None, static (fields, criterion) => fields | FieldsOf(criterion.Key)));
    }

    internal IncrementalOrdering(MailboxContext context, Folder folder, SummaryBuilder summaries, IncrementalSearch search, ThreadAlgorithm algorithm)
        : this(context, folder, summaries, search) =>
        _fields = OrderFields.SentTime | OrderFields.Subject | (algorithm == ThreadAlgorithm.References ? OrderFields.References : OrderFields.None);

    private IncrementalOrdering(MailboxContext context, Folder folder, SummaryBuilder summaries, IncrementalSearch search) =>
        (_context, _folder, _summaries, _search, Reply) = (context, folder, summaries, search, MailboxReply.Done.Instance);

    public MailboxReply Reply { get; private set; }

    public bool Step(int budgetMessages)
    {
        if (!_search.IsComplete && !_search.Step(budgetMessages)) return false;
        var messages = _context.Load(_folder);
        if (_fields != OrderFields.None && !ReadRows(messages, budgetMessages)) return false;
        Reply = Finish(messages);
        if (_folder.Order is { IsTooLarge: true }) _folder.Order = null;
        return true;
    }

    private static OrderFields FieldsOf(SortKey key) => key switch
    {
        SortKey.Date => OrderFields.SentTime,
        SortKey.Subject => OrderFields.Subject,
        SortKey.From => OrderFields.From,
        SortKey.To => OrderFields.To,
        SortKey.Cc => OrderFields.Cc,
        SortKey.DisplayFrom => OrderFields.DisplayFrom,
        SortKey.DisplayTo => OrderFields.DisplayTo,
        _ => OrderFields.None,
    };

    private bool ReadRows(MessageTable messages, int budget)
    {
        var cache = _folder.Order ??= new OrderCache();
        // Released since the last slice: read everything again.
        if (!ReferenceEquals(cache, _cache)) _next = 0;
        _cache = cache;
        cache.Align(messages.Uids);
        for (; _next < _search.Found.Count && budget > 0; _next++)
        {
            var position = messages.Uids.IndexOf(_search.Found[_next].Value);
            if (position < 0 || cache.Knows(position, _fields)) continue;
            budget -= CostOfRow;
            Read(cache, position);
        }

        return _next == _search.Found.Count;
    }

    private void Read(OrderCache cache, int position)
    {
        try
        {
            cache.Add(position, _fields, _context.Format.ReadOrderValues(_summaries.Headers(_folder, position).Span, _fields));
        }
        catch (UnreadableMessageException e)
        {
            _unreadable.Add(e.Uid);
        }
    }

    private MailboxReply Finish(MessageTable messages)
    {
        var positions = new List<int>(_search.Found.Count);
        foreach (var uid in _search.Found)
        {
            var position = messages.Uids.IndexOf(uid.Value);
            if (position >= 0 && (_fields == OrderFields.None || _cache!.Knows(position, _fields))) positions.Add(position);
        }

        IReadOnlyList<Uid> unreadable = [.. _search.Unreadable.Concat(_unreadable).Distinct().Take(IncrementalSearch.MaxUnreadable)];
        if (_order is null) return new MailboxReply.Threads(Threads(messages, positions), unreadable);
        var order = MessageSorter.Sort(positions.Count, [.. _order.Select(criterion => ColumnOf(criterion, messages, positions))]);
        var sorted = Array.ConvertAll(order, at => new Uid(messages.Uids[positions[at]]));
        return unreadable.Count == 0 ? new MailboxReply.SearchResult(sorted) : new MailboxReply.PartialSearchResult(sorted, unreadable);
    }

    private SortColumn ColumnOf(SortCriterion criterion, MessageTable messages, List<int> positions) => criterion.Key switch
    {
        SortKey.Arrival => new SortColumn([.. positions.Select(p => messages[p].Date)], criterion.Reverse),
        SortKey.Size => new SortColumn([.. positions.Select(p => messages[p].Size)], criterion.Reverse),
        SortKey.Date => new SortColumn([.. positions.Select(p => SentTime(messages, p))], criterion.Reverse),
        var key => new SortColumn([.. positions.Select(p => TextOf(_cache![p]!, key))], criterion.Reverse),
    };

    private static string TextOf(OrderRow row, SortKey key) => key switch
    {
        SortKey.Subject => row.Subject,
        SortKey.From => row.From,
        SortKey.To => row.To,
        SortKey.Cc => row.Cc,
        SortKey.DisplayFrom => row.DisplayFrom,
        SortKey.DisplayTo => row.DisplayTo,
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, null),
    };

    /// <summary>RFC 5256 §2.2: without a sent date the internal date counts.</summary>
    private long SentTime(MessageTable messages, int position) => _cache![position]!.SentTime ?? messages[position].Date;

    private ThreadMember[] Threads(MessageTable messages, List<int> positions)
    {
        var found = new ThreadMessage[positions.Count];
        for (var at = 0; at < found.Length; at++)
        {
            var row = _cache![positions[at]]!;
            found[at] = new ThreadMessage(SentTime(messages, positions[at]), row.Subject, row.IsReply, row.MessageId, row.References);
        }

        var threads = _fields.HasFlag(OrderFields.References) ? ReferenceThreads.Build(found) : SubjectThreads.Build(found);
        return [.. threads.Select(member => member.Number == 0 ? member : member with { Number = messages.Uids[positions[(int)member.Number - 1]] })];
    }
}
