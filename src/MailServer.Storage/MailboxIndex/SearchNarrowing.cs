using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.TextIndex;

namespace MailServer.Storage.MailboxIndex;

/// <summary>What the text index knows about a search: for each text, the messages that may contain it. The search examines only these, and does not read those that contain it for certain, so its result does not depend on the index.</summary>
internal sealed class SearchNarrowing
{
    /// <summary>More texts are searched without the index, since each costs memory and time.</summary>
    private const int MaxTexts = 32;

    private static readonly SearchScope[] InHeader = [SearchScope.Header];
    private static readonly SearchScope[] InBody = [SearchScope.Body];
    private static readonly SearchScope[] Anywhere = [SearchScope.Header, SearchScope.Body];

    private readonly Dictionary<SearchCriteria, TextMatches?> _texts = [];

    private SearchNarrowing() { }

    /// <summary>Asks the index about the texts of a search.</summary>
    public static SearchNarrowing Create(MailboxTextIndex index, Folder folder, UidList uids, SearchCriteria criteria)
    {
        var narrowing = new SearchNarrowing();
        narrowing.Ask(index, folder, uids, criteria);
        return narrowing;
    }

    /// <summary>Whether a message matches one of the texts; null if that is unknown.</summary>
    public bool? Matches(SearchCriteria text, uint uid)
    {
        if (!_texts.TryGetValue(text, out var found) || found is null) return null;
        return !found.May.Contains(uid) ? false : found.Sure.Contains(uid) ? true : null;
    }

    /// <summary>Leaves out messages that cannot match.</summary>
    public uint[] Narrow(uint[] uids, SearchCriteria criteria) => Of(criteria) is { } found ? Array.FindAll(uids, found.Contains) : uids;

    private void Ask(MailboxTextIndex index, Folder folder, UidList uids, SearchCriteria criteria)
    {
        switch (criteria)
        {
            case SearchCriteria.And every:
                foreach (var inner in every.Inner) Ask(index, folder, uids, inner);
                break;
            case SearchCriteria.Or either:
                Ask(index, folder, uids, either.Left);
                Ask(index, folder, uids, either.Right);
                break;
            case SearchCriteria.Not negated:
                Ask(index, folder, uids, negated.Inner);
                break;
            case SearchCriteria.Header or SearchCriteria.Body or SearchCriteria.AnyText when _texts.Count < MaxTexts && !_texts.ContainsKey(criteria):
                _texts[criteria] = Find(index, folder, uids, criteria);
                break;
        }
    }

    private static TextMatches? Find(MailboxTextIndex index, Folder folder, UidList uids, SearchCriteria text) => text switch
    {
        SearchCriteria.Header header => index.Find(folder, uids, InHeader, header.Value),
        SearchCriteria.Body body => index.Find(folder, uids, InBody, body.Value),
        SearchCriteria.AnyText any => index.Find(folder, uids, Anywhere, any.Value),
        _ => null,
    };

    /// <summary>The messages that may match; null if all may.</summary>
    private MessageBits? Of(SearchCriteria criteria)
    {
        switch (criteria)
        {
            case SearchCriteria.And every:
                MessageBits? all = null;
                foreach (var found in every.Inner.Select(Of).OfType<MessageBits>())
                {
                    if (all is null) all = found.Copy();
                    else all.And(found);
                }

                return all;
            case SearchCriteria.Or either:
                if (Of(either.Left) is not { } left || Of(either.Right) is not { } right) return null;
                var both = left.Copy();
                both.Or(right);
                return both;
            default:
                return _texts.GetValueOrDefault(criteria)?.May;
        }
    }
}
