using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>FETCH: flags, dates and sizes from memory, ready-made wire bytes from the index, contents as open files.</summary>
internal sealed class MessageReader(MailboxContext context, FlagChanges flagChanges, Summaries summaries)
{
    private const FetchItems Cached = FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts;

    public Outcome<FetchOutcome> Fetch(MailboxRequest.Fetch request)
    {
        if (!context.TryFind(request.Folder, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        var positions = messages.Positions(request.Uids.Span);
        var seen = request.MarkSeen ? flagChanges.MarkSeen(folder, positions) : [];
        var cached = (request.Items & Cached) == 0 ? null : ReadCached(folder, positions, request.Items);
        var rows = new MessageRow[positions.Length];
        var filled = 0;
        try
        {
            var nextSeen = 0;
            for (; filled < rows.Length; filled++)
            {
                var isNewlySeen = nextSeen < seen.Count && seen[nextSeen].Uid.Value == messages.Uids[positions[filled]];
                if (isNewlySeen) nextSeen++;
                rows[filled] = Row(folder, positions[filled], request.Items, cached is null ? default : cached[filled], isNewlySeen);
            }
        }
        catch
        {
            for (var i = 0; i < filled; i++) rows[i].Content?.Dispose();
            throw;
        }

        return new FetchOutcome(rows, seen.Count == 0 ? null : folder.Changed(seen));
    }

    private CachedSummary[] ReadCached(Folder folder, int[] positions, FetchItems items)
    {
        var uids = folder.Messages!.Uids;
        var keys = new long[positions.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = IndexDatabase.Key(folder.Id, uids[positions[i]]);
        var found = new CachedSummary?[keys.Length];
        if (keys.Length > 0) context.Index.Cache.Fill(keys, items, found);
        var cached = new CachedSummary[keys.Length];
        for (var i = 0; i < cached.Length; i++)
        {
            if (found[i] is { } summary) cached[i] = summary;
            else if (summaries.Make(folder, positions[i]) is { } made) cached[i] = new(made.Envelope, made.BodyStructure, made.Headers, made.Parts);
        }

        return cached;
    }

    private MessageRow Row(Folder folder, int position, FetchItems items, in CachedSummary cached, bool isNewlySeen)
    {
        ref var entry = ref folder.Messages![position];
        var uid = folder.Messages.Uids[position];
        return new MessageRow
        {
            Uid = new Uid(uid),
            Flags = entry.Flags,
            ModSeq = new ModSeq(entry.ModSeq),
            InternalDate = entry.InternalDate,
            Size = entry.Size,
            FlagsChanged = isNewlySeen,
            Envelope = cached.Envelope,
            BodyStructure = cached.BodyStructure,
            Headers = cached.Headers,
            Parts = cached.Parts,
            Content = (items & FetchItems.Content) != 0 ? context.Open(folder, uid, entry) : null,
        };
    }
}
