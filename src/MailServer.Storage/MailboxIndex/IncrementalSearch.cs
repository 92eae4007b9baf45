using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// An incremental SEARCH that runs in slices, so that a search through every message does not block other clients
/// of the mailbox. Messages expunged in the meantime are skipped; messages added in the meantime are not searched.
/// </summary>
public sealed class IncrementalSearch : IIncrementalRequest
{
    private const int CostOfHeaders = 4;
    private const int CostOfContent = 50;

    /// <summary>Fewer messages are read without asking the text index.</summary>
    private const int FewMessages = 4;

    internal const int MaxUnreadable = 1_000;

    private readonly MailboxContext _context;
    private readonly Folder _folder;
    private readonly SummaryBuilder _summaries;
    private readonly MessageDetailsReader _details;
    private readonly SearchCriteria _criteria;
    private readonly long _now;
    private readonly SearchNarrowing? _narrowing;
    private readonly uint[] _candidates;
    private readonly List<Uid> _found = [];
    private readonly List<Uid> _unreadable = [];
    private int _next;
    private int _budget;

    internal IncrementalSearch(MailboxContext context, Folder folder, SearchCriteria criteria, SummaryBuilder summaries, MessageDetailsReader details)
    {
        _context = context;
        _folder = folder;
        _summaries = summaries;
        _details = details;
        _criteria = CheapFirst(criteria);
        _now = context.Time.GetUtcNow().ToUnixTimeSeconds();
        var uids = context.Load(folder).Uids;
        _candidates = Range(criteria).Intersect(uids);
        if (context.Texts is not { } texts || _candidates.Length < FewMessages) return;
        _narrowing = SearchNarrowing.Create(texts, folder, uids, _criteria);
        _candidates = _narrowing.Narrow(_candidates, _criteria);
    }

    /// <summary>The matches so far, ascending; complete when <see cref="Step"/> has returned true.</summary>
    public IReadOnlyList<Uid> Found => _found;

    /// <summary>Messages whose files cannot be read, up to a limit. They match no criterion, not even NOT.</summary>
    public IReadOnlyList<Uid> Unreadable => _unreadable;

    public MailboxReply Reply => _unreadable.Count == 0 ? new MailboxReply.SearchResult(_found) : new MailboxReply.PartialSearchResult(_found, _unreadable);

    internal bool IsComplete => _next == _candidates.Length;

    public bool Step(int budgetMessages)
    {
        var messages = _context.Load(_folder);
        for (_budget = budgetMessages; _budget > 0 && _next < _candidates.Length; _next++, _budget--)
        {
            var position = messages.Uids.IndexOf(_candidates[_next]);
            if (position >= 0 && MatchesReadable(position)) _found.Add(new Uid(_candidates[_next]));
        }

        return IsComplete;
    }

    private bool MatchesReadable(int position)
    {
        try
        {
            return Matches(_criteria, position);
        }
        catch (UnreadableMessageException e)
        {
            if (_unreadable.Count < MaxUnreadable) _unreadable.Add(e.Uid);
            return false;
        }
    }

    /// <summary>Returns the range of UIDs that can match.</summary>
    private static UidSet Range(SearchCriteria criteria) => criteria switch
    {
        SearchCriteria.Uids uids => uids.Set,
        SearchCriteria.And every => every.Inner.OfType<SearchCriteria.Uids>().FirstOrDefault()?.Set ?? UidSet.All,
        _ => UidSet.All,
    };

    private static SearchCriteria CheapFirst(SearchCriteria criteria) => criteria switch
    {
        SearchCriteria.And every => new SearchCriteria.And([.. every.Inner.Select(CheapFirst).OrderBy(Cost)]),
        SearchCriteria.Or either when Cost(either.Left) > Cost(either.Right) => new SearchCriteria.Or(CheapFirst(either.Right), CheapFirst(either.Left)),
        SearchCriteria.Or either => new SearchCriteria.Or(CheapFirst(either.Left), CheapFirst(either.Right)),
        SearchCriteria.Not negated => new SearchCriteria.Not(CheapFirst(negated.Inner)),
        _ => criteria,
    };

    private static int Cost(SearchCriteria criteria) => criteria switch
    {
        SearchCriteria.Body or SearchCriteria.AnyText => CostOfContent,
        SearchCriteria.Header or SearchCriteria.SavedRange or SearchCriteria.EmailId => CostOfHeaders,
        SearchCriteria.Not negated => Cost(negated.Inner),
        SearchCriteria.Or either => Cost(either.Left) + Cost(either.Right),
        SearchCriteria.And every => every.Inner.Sum(Cost),
        _ => 1,
    };

    private bool Matches(SearchCriteria criteria, int position) => criteria switch
    {
        SearchCriteria.And every => MatchesAll(every.Inner, position),
        SearchCriteria.Or either => Matches(either.Left, position) || Matches(either.Right, position),
        SearchCriteria.Not negated => !Matches(negated.Inner, position),
        SearchCriteria.Header header => Known(header, position) ?? MatchesHeader(header, position),
        SearchCriteria.Body body => Known(body, position) ?? MatchesText(body.Value, position, includeHeader: false),
        SearchCriteria.AnyText text => Known(text, position) ?? MatchesText(text.Value, position, includeHeader: true),
        SearchCriteria.DateRange dated => MatchesDate(dated, position),
        SearchCriteria.SavedRange saved => MatchesSaved(saved, position),
        SearchCriteria.EmailId id => MatchesId(id, position),
        _ => MatchesEntry(criteria, _folder.Messages!.Uids[position], _folder.Messages[position]),
    };

    private bool MatchesEntry(SearchCriteria criteria, uint uid, in MessageEntry entry) => criteria switch
    {
        SearchCriteria.All => true,
        SearchCriteria.HasFlags has => (entry.System & has.Flags) == has.Flags,
        SearchCriteria.HasKeyword has => entry.Keywords.Contains(has.Keyword),
        SearchCriteria.Recent recent => recent.From is { } from && uid >= from.Value,
        SearchCriteria.Uids uids => uids.Set.Contains(uid),
        SearchCriteria.ModSeqFrom from => entry.ModSeq >= from.Value.Value,
        SearchCriteria.Age age => !(_now - entry.Date < age.Least) && !(_now - entry.Date > age.Most),
        SearchCriteria.SizeRange sized => (sized.LargerThan is not { } larger || entry.Size > larger)
            && (sized.SmallerThan is not { } smaller || entry.Size < smaller),
        _ => throw new ArgumentOutOfRangeException(nameof(criteria), criteria.GetType().Name, "unknown search key"),
    };

    private bool MatchesAll(IReadOnlyList<SearchCriteria> all, int position)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (!Matches(all[i], position)) return false;
        }

        return true;
    }

    private bool? Known(SearchCriteria text, int position) => _narrowing?.Matches(text, _folder.Messages!.Uids[position]);

    private bool MatchesDate(SearchCriteria.DateRange dated, int position)
    {
        ref var entry = ref _folder.Messages![position];
        var day = dated.Sent ? _summaries.SentDay(_folder, position) : DateOnly.FromDateTime(entry.InternalDate.DateTime).DayNumber;
        if (day < 0) return false;
        return (dated.Since is not { } since || day >= since.DayNumber) && (dated.Before is not { } before || day < before.DayNumber);
    }

    private bool MatchesSaved(SearchCriteria.SavedRange saved, int position)
    {
        _budget -= CostOfHeaders;
        var day = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(_details.SavedAt(_folder, position)).UtcDateTime);
        return (saved.Since is not { } since || day >= since) && (saved.Before is not { } before || day < before);
    }

    private bool MatchesId(SearchCriteria.EmailId id, int position)
    {
        _budget -= CostOfHeaders;
        return _details.EmailId(_folder, position) == id.Value;
    }

    private bool MatchesHeader(SearchCriteria.Header header, int position)
    {
        if (_context.Format.IsCached(header.Field))
        {
            _budget -= CostOfHeaders;
            return _context.Format.HeaderContains(_summaries.Headers(_folder, position).Span, header.Field, header.Value);
        }

        return Reads(position, content =>
            _context.Format.HeaderContains(RawHeaderReader.Read(content, _context.Options.Limits.MaxHeaderSize), header.Field, header.Value));
    }

    private bool MatchesText(string text, int position, bool includeHeader) =>
        Reads(position, content => _context.Format.TextContains(content, text, includeHeader));

    private bool Reads(int position, Func<MessageContent, bool> matches)
    {
        _budget -= CostOfContent;
        return _context.Read(_folder, position, content =>
        {
            using (content) return matches(content);
        });
    }
}
