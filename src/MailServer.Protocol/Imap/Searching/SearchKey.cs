using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>A SEARCH program as written: what depends on the session's view (sequence numbers, <c>\Recent</c>) is still open.</summary>
internal abstract record SearchKey
{
    private SearchKey() { }

    /// <summary>What the mailbox is to be asked; null when the key names a message that is not there.</summary>
    public abstract SearchCriteria? Resolve(SelectedFolder view);

    /// <summary>A key that means the same in every session.</summary>
    public sealed record Plain(SearchCriteria Criteria) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) => Criteria;
    }

    public sealed record InSet(SequenceSet Set, bool IsUid) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) =>
            IsUid ? new SearchCriteria.Uids(Set.Resolve(view.Announced.Last))
            : view.Resolve(Set, isUid: false) is { } uids ? new SearchCriteria.Uids(UidSet.OfUids(uids)) : null;
    }

    public sealed record Recent : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) => new SearchCriteria.Recent(view.FirstRecent);
    }

    public sealed record Not(SearchKey Inner) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) => Inner.Resolve(view) is { } inner ? new SearchCriteria.Not(inner) : null;
    }

    public sealed record Or(SearchKey Left, SearchKey Right) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) =>
            Left.Resolve(view) is { } left && Right.Resolve(view) is { } right ? new SearchCriteria.Or(left, right) : null;
    }

    public sealed record And(IReadOnlyList<SearchKey> Inner) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view)
        {
            var all = new List<SearchCriteria>(Inner.Count);
            foreach (var key in Inner)
            {
                if (key.Resolve(view) is not { } criteria) return null;
                all.Add(criteria);
            }

            return all.Count == 1 ? all[0] : new SearchCriteria.And(all);
        }
    }
}
