using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Creates and caches the summary of a message if it is missing from the cache or outdated.</summary>
internal sealed class SummaryBuilder(MailboxContext context)
{
    /// <exception cref="UnreadableMessageException">The message file cannot be read.</exception>
    public MessageSummary Make(Folder folder, int position)
    {
        var uid = folder.Messages!.Uids[position];
        var summary = context.Read(folder, position, content =>
        {
            using (content) return context.Format.Summarize(content);
        });
        var day = MessageEntry.Day(summary.SentDate);
        context.Index.Write(() =>
        {
            context.Index.Cache.Insert(IndexDatabase.Key(folder.Id, uid), summary);
            context.Index.Messages.UpdateSentDay(folder.Id, uid, day);
        }, lasting: false);
        folder.Messages[position].SentDay = day;
        return summary;
    }

    public int SentDay(Folder folder, int position)
    {
        if (folder.Messages![position].SentDay == MessageEntry.UnknownDay) Make(folder, position);
        return folder.Messages[position].SentDay;
    }

    /// <summary>Returns the cached header fields.</summary>
    /// <exception cref="UnreadableMessageException">The fields are not cached, and the message file cannot be read.</exception>
    public ReadOnlyMemory<byte> Headers(Folder folder, int position)
    {
        var key = IndexDatabase.Key(folder.Id, folder.Messages!.Uids[position]);
        return context.Index.Cache.TryGet(key, FetchItems.Headers, out var cached) ? cached.Headers : Make(folder, position).Headers;
    }
}
