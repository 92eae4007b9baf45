using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Links messages into the spool, from where another mailbox appends them.</summary>
internal sealed class MessageExporter(MailboxContext context, SummaryBuilder summaries)
{
    private const FetchItems Summary = FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts;

    /// <exception cref="UnreadableMessageException">A message file cannot be read. Nothing remains in the spool.</exception>
    public MailboxResult<MailboxReply.Exported> Export(FolderId id, ReadOnlySpan<uint> uids)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        var positions = messages.Positions(uids);
        if (positions.Length > context.Options.Limits.CopiedBetweenMailboxes) return MailboxRefusal.LimitReached;
        var exported = new List<NewMessage>(positions.Length);
        try
        {
            foreach (var position in positions) exported.Add(Export(folder, position));
        }
        catch
        {
            foreach (var message in exported) Posix.TryUnlink(context.SpoolPath(message.Message.Id));
            throw;
        }

        return new MailboxReply.Exported(Array.ConvertAll(positions, p => new Uid(messages.Uids[p])), exported);
    }

    private NewMessage Export(Folder folder, int position)
    {
        var uid = folder.Messages!.Uids[position];
        var summary = Summarize(folder, position);
        var entry = folder.Messages[position];
        // The name of an attempt: what a crash leaves is removed at the next start.
        var number = Random.Shared.NextInt64();
        var id = SpoolId.New(context.Time.GetUtcNow(), Environment.ProcessId, number, "copy").ForAttempt(number, "copy");
        // Opening it first proves that the file is there under its present name.
        context.Read(folder, position, static content =>
        {
            content.Dispose();
            return true;
        });
        var baseName = context.Index.Messages.BaseOf(folder.Id, uid)!;
        var path = folder.Directory.PathOf(folder.FileName(baseName, uid, entry));
        if (FileStat.Find(path) is null && folder.Directory.Find(baseName, uid) is { } renamed) path = folder.Directory.PathOf(renamed);
        Posix.LinkOrCopy(path, context.SpoolPath(id));
        return new NewMessage(entry.Flags, entry.InternalDate, new SpooledMessage(id, entry.Size, summary, entry.InternalDate));
    }

    private MessageSummary Summarize(Folder folder, int position)
    {
        if (!context.Index.Cache.TryGet(IndexDatabase.Key(folder.Id, folder.Messages!.Uids[position]), Summary, out var cached)) return summaries.Make(folder, position);
        var day = summaries.SentDay(folder, position);
        return new MessageSummary
        {
            Envelope = cached.Envelope,
            BodyStructure = cached.BodyStructure,
            Headers = cached.Headers,
            Parts = cached.Parts,
            SentDate = day < 0 ? null : DateOnly.FromDayNumber(day),
        };
    }
}
