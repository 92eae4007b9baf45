using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>A parsed SEARCH program. Sequence numbers and <c>\Recent</c> are not yet resolved, because they depend on the session's view.</summary>
internal abstract record SearchKey
{
    private SearchKey() { }

    /// <summary>The criteria for the mailbox; null when the key refers to a message that does not exist.</summary>
    public abstract SearchCriteria? Resolve(SelectedFolder view);

    /// <summary>The key refers to mod-sequences, so the client gets the highest one (RFC 7162 §3.1.5).</summary>
    public virtual bool UsesModSeq => false;

    /// <summary>A key that does not depend on the session.</summary>
    public sealed record Criterion(SearchCriteria Criteria) : SearchKey
    {
        public override bool UsesModSeq => Criteria is SearchCriteria.ModSeqFrom;

        public override SearchCriteria? Resolve(SelectedFolder view) => Criteria;
    }

    public sealed record MessageSet(SequenceSet Set, bool IsUid) : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) =>
            Set.IsSaved ? new SearchCriteria.Uids(view.SavedResult)
            : IsUid ? new SearchCriteria.Uids(Set.Resolve(view.AnnouncedUids.Last))
            // "All messages" of an empty folder is no error, although there is no message 1.
            : view.AnnouncedUids.Count == 0 && Set.IsAll ? new SearchCriteria.Uids(UidSet.Empty)
            : view.Resolve(Set, isUid: false) is { } uids ? new SearchCriteria.Uids(UidSet.OfUids(uids)) : null;
    }

    public sealed record Recent : SearchKey
    {
        public override SearchCriteria? Resolve(SelectedFolder view) => new SearchCriteria.Uids(view.Recent);
    }

    public sealed record Not(SearchKey Inner) : SearchKey
    {
        public override bool UsesModSeq => Inner.UsesModSeq;

        public override SearchCriteria? Resolve(SelectedFolder view) => Inner.Resolve(view) is { } inner ? new SearchCriteria.Not(inner) : null;
    }

    public sealed record Or(SearchKey Left, SearchKey Right) : SearchKey
    {
        public override bool UsesModSeq => Left.UsesModSeq || Right.UsesModSeq;

        public override SearchCriteria? Resolve(SelectedFolder view) =>
            Left.Resolve(view) is { } left && Right.Resolve(view) is { } right ? new SearchCriteria.Or(left, right) : null;
    }

    public sealed record And(IReadOnlyList<SearchKey> Inner) : SearchKey
    {
        public override bool UsesModSeq => Inner.Any(static key => key.UsesModSeq);

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
