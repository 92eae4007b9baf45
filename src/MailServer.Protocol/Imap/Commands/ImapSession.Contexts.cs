using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Searching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

// Searches whose results the client is told changes of (RFC 5267 §4.3).
public sealed partial class ImapSession
{
    private readonly List<SearchContext> _contexts = [];
    private SelectedFolder? _contextView;

    /// <summary>Whether a context has this tag.</summary>
    internal bool HasContext(string tag) => LiveContexts.Exists(c => c.Tag == tag);

    /// <summary>Keeps a context; false if there are too many, or its result is too large.</summary>
    internal bool TryKeep(SearchContext context)
    {
        var live = LiveContexts;
        if (live.Count >= Limits.ImapContexts || live.Sum(static c => (long)c.Count) + context.Count > Limits.ImapContextResults) return false;
        Folder.RecordTouched();
        _contextView = Folder;
        live.Add(context);
        return true;
    }

    /// <summary>Ends the contexts with these tags.</summary>
    internal void CancelContexts(IReadOnlyCollection<string> tags) => _contexts.RemoveAll(c => tags.Contains(c.Tag));

    // They end with the selection of their folder.
    private List<SearchContext> LiveContexts
    {
        get
        {
            if (!ReferenceEquals(_contextView, View)) _contexts.Clear();
            return _contexts;
        }
    }

    // Before the EXPUNGE responses, because of the sequence numbers (RFC 5267 §4.3.4).
    private void RemoveFromContexts()
    {
        if (LiveContexts.Count == 0 || View is not { } view || view.FindRemoved() is not { Count: > 0 } gone) return;
        var writer = new ImapWriter(Output);
        foreach (var context in _contexts) context.Remove(ref writer, view, gone);
        writer.Commit();
    }

    private IEnumerable<ImapEffect> UpdateContexts(HashSet<uint> added)
    {
        if (LiveContexts.Count == 0 || View is not { } view || view.TakeTouched() is not { Count: > 0 } touched) yield break;
        var candidates = UidSet.OfUids([.. touched.Order()]);
        foreach (var context in _contexts.ToList())
        {
            yield return Request(new MailboxRequest.Search(view.Id, context.Among(candidates)));
            if (Reply is not MailboxReply.SearchResult { Uids: var found })
            {
                // The client is told that it must search again.
                Drop(context);
                continue;
            }

            var matches = found.Select(static u => u.Value).Where(touched.Contains).ToHashSet();
            var entered = context.NewAmong(matches);
            if (context.NewMessages is { } plan && entered.Intersect(added).Order().ToArray() is { Length: > 0 } fetched)
                foreach (var effect in FetchMessages(view, plan, fetched)) yield return effect;
            IReadOnlyList<uint>? sorted = null;
            RemoveFrom(context, view, [.. touched.Except(matches)]);
            if (context.Order is { } order && entered.Count > 0)
            {
                yield return Request(new MailboxRequest.Sort(view.Id, context.With(entered), order));
                if (Reply is not MailboxReply.SearchResult { Uids: var all })
                {
                    Drop(context);
                    continue;
                }

                sorted = [.. all.Select(static u => u.Value)];
                // Others may have been removed meanwhile.
                RemoveFrom(context, view, context.MissingIn(sorted));
                entered.IntersectWith(sorted);
            }

            AddTo(context, view, entered, sorted);
        }
    }

    private void RemoveFrom(SearchContext context, SelectedFolder view, HashSet<uint> gone)
    {
        var writer = new ImapWriter(Output);
        context.Remove(ref writer, view, gone);
        writer.Commit();
    }

    private void AddTo(SearchContext context, SelectedFolder view, HashSet<uint> added, IReadOnlyList<uint>? sorted)
    {
        var writer = new ImapWriter(Output);
        context.Add(ref writer, view, added, sorted);
        writer.Commit();
    }

    private void Drop(SearchContext context)
    {
        _contexts.Remove(context);
        WriteNoUpdate(context.Tag);
    }

    /// <summary>Tells that there are no updates (RFC 5267 §4.3.1).</summary>
    internal void WriteNoUpdate(string tag)
    {
        var writer = new ImapWriter(Output);
        writer.Write("* NO [NOUPDATE "u8);
        writer.Quoted(tag);
        writer.Write("] The result is not kept up to date\r\n"u8);
        writer.Commit();
    }
}
