using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>FETCH: flags, dates and sizes from memory, prepared responses from the index, contents as open files.</summary>
internal sealed class MessageReader(MailboxContext context, FlagUpdater flagChanges, SummaryBuilder summaries, MessageDetailsReader details)
{
    private const FetchItems Cached = FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts;

    public MailboxResult<FetchOutcome> Fetch(MailboxRequest.Fetch request)
    {
        if (!context.TryFind(request.Folder, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        var wanted = messages.Positions(request.Uids.Span);
        var cached = (request.Items & Cached) == 0 ? null : FindCached(folder, wanted, request.Items);
        var read = new List<ReadMessage>(wanted.Length);
        var unreadable = new List<Uid>();
        try
        {
            for (var i = 0; i < wanted.Length; i++) Read(folder, wanted[i], request.Items, cached?[i], read, unreadable);
            // Only messages that are returned to the client become \Seen.
            var seen = request.MarkSeen ? flagChanges.MarkSeen(folder, [.. read.Select(r => r.Position)]) : [];
            return new FetchOutcome(Rows(folder, read, seen), seen.Count == 0 ? null : folder.Changed(seen)) { Unreadable = unreadable };
        }
        catch
        {
            foreach (var message in read) message.Content?.Dispose();
            throw;
        }
    }

    private CachedSummary?[] FindCached(Folder folder, int[] positions, FetchItems items)
    {
        var uids = folder.Messages!.Uids;
        var keys = new long[positions.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = IndexDatabase.Key(folder.Id, uids[positions[i]]);
        var found = new CachedSummary?[keys.Length];
        if (keys.Length > 0) context.Index.Cache.Fill(keys, items, found);
        return found;
    }

    /// <summary>Reads one message. An unreadable message does not prevent the others from being returned.</summary>
    private void Read(Folder folder, int position, FetchItems items, CachedSummary? cached, List<ReadMessage> read, List<Uid> unreadable)
    {
        try
        {
            if (cached is null && (items & Cached) != 0)
            {
                var made = summaries.Make(folder, position);
                cached = new(made.Envelope, made.BodyStructure, made.Headers, made.Parts);
            }

            var found = (items & MessageDetailsReader.All) != 0 ? details.Read(folder, position, items) : null;
            var content = (items & FetchItems.Content) != 0 ? context.Read(folder, position, static content => content) : null;
            read.Add(new ReadMessage(position, cached ?? default, found, content));
        }
        catch (UnreadableMessageException e)
        {
            unreadable.Add(e.Uid);
        }
    }

    private static MessageRow[] Rows(Folder folder, List<ReadMessage> read, List<FlagChange> seen)
    {
        var rows = new MessageRow[read.Count];
        var nextSeen = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var isNewlySeen = nextSeen < seen.Count && seen[nextSeen].Uid.Value == folder.Messages!.Uids[read[i].Position];
            if (isNewlySeen) nextSeen++;
            rows[i] = Row(folder, read[i], isNewlySeen);
        }

        return rows;
    }

    private static MessageRow Row(Folder folder, in ReadMessage read, bool isNewlySeen)
    {
        ref var entry = ref folder.Messages![read.Position];
        return new MessageRow
        {
            Uid = new Uid(folder.Messages.Uids[read.Position]),
            Flags = entry.Flags,
            ModSeq = new ModSeq(entry.ModSeq),
            InternalDate = entry.InternalDate,
            Size = entry.Size,
            FlagsChanged = isNewlySeen,
            Envelope = read.Cached.Envelope,
            BodyStructure = read.Cached.BodyStructure,
            Headers = read.Cached.Headers,
            Parts = read.Cached.Parts,
            Details = read.Details,
            Content = read.Content,
        };
    }

    private readonly record struct ReadMessage(int Position, CachedSummary Cached, MessageDetails? Details, MessageContent? Content);
}
