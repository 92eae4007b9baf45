using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>A search whose result the client keeps up to date (RFC 5267 §4.3), as the client knows it.</summary>
/// <param name="tag">The tag of the command, which names the context.</param>
/// <param name="isUid">Whether the client wants UIDs.</param>
/// <param name="criteria">What is searched. Sequence numbers are those at the time of the command.</param>
/// <param name="order">The order of a SORT; null for a SEARCH.</param>
/// <param name="newMessages">The items to fetch of new messages that match; null for none.</param>
/// <param name="uids">The result: ascending, or in the order of the SORT.</param>
internal sealed class SearchContext(string tag, bool isUid, SearchCriteria criteria, IReadOnlyList<SortCriterion>? order, FetchPlan? newMessages, uint[] uids)
{
    private List<uint> _uids = [.. uids];

    public string Tag => tag;

    public IReadOnlyList<SortCriterion>? Order => order;

    public FetchPlan? NewMessages => newMessages;

    public int Count => _uids.Count;

    /// <summary>The request that tells which of these messages match now.</summary>
    public SearchCriteria Among(UidSet candidates) => new SearchCriteria.And([new SearchCriteria.Uids(candidates), criteria]);

    /// <summary>The messages of the result together with others, to be sorted.</summary>
    public SearchCriteria With(IReadOnlyCollection<uint> added) => new SearchCriteria.Uids(UidSet.OfUids([.. _uids.Concat(added).Order()]));

    /// <summary>The messages among <paramref name="matches"/> that are not in the result yet.</summary>
    public HashSet<uint> NewAmong(IEnumerable<uint> matches)
    {
        var added = matches.ToHashSet();
        added.ExceptWith(_uids);
        return added;
    }

    /// <summary>The messages of the result that are not among these.</summary>
    public HashSet<uint> MissingIn(IEnumerable<uint> existing)
    {
        var missing = _uids.ToHashSet();
        missing.ExceptWith(existing);
        return missing;
    }

    /// <summary>Removes messages and tells it. Before their EXPUNGE responses, because of the sequence numbers.</summary>
    public void Remove(ref ImapWriter writer, SelectedFolder view, HashSet<uint> gone)
    {
        var changes = new List<(int, uint[])>();
        if (order is null)
        {
            var removed = _uids.FindAll(gone.Contains);
            if (removed.Count > 0) changes.Add((0, Numbers(view, removed)));
        }
        else
        {
            // From the end, so that each position is valid when its turn comes.
            for (var at = _uids.Count - 1; at >= 0; at--)
                if (gone.Contains(_uids[at])) changes.Add((at + 1, Numbers(view, [_uids[at]])));
        }

        if (changes.Count == 0) return;
        _uids.RemoveAll(gone.Contains);
        EsearchWriter.WriteUpdate(ref writer, tag, isUid, adds: false, changes);
    }

    /// <summary>Adds messages and tells it.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="view">The view that has announced them.</param>
    /// <param name="added">The messages.</param>
    /// <param name="sorted">For a SORT the whole result with them, in its order.</param>
    public void Add(ref ImapWriter writer, SelectedFolder view, HashSet<uint> added, IReadOnlyList<uint>? sorted)
    {
        if (added.Count == 0) return;
        var changes = new List<(int, uint[])>();
        if (sorted is null)
        {
            changes.Add((0, Numbers(view, [.. added.Order()])));
            _uids = [.. _uids.Concat(added).Order()];
        }
        else
        {
            for (var at = 0; at < sorted.Count; at++)
                if (added.Contains(sorted[at])) changes.Add((at + 1, Numbers(view, [sorted[at]])));
            _uids = [.. sorted];
        }

        EsearchWriter.WriteUpdate(ref writer, tag, isUid, adds: true, changes);
    }

    private uint[] Numbers(SelectedFolder view, List<uint> of) => isUid ? [.. of] : [.. of.Select(uid => (uint)view.SequenceOf(uid))];
}
