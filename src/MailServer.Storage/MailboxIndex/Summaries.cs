using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Makes the summary of a message whose row in the cache is missing or of an older form, and keeps it.</summary>
internal sealed class Summaries(MailboxContext context)
{
    /// <summary>Null when the message's file is gone.</summary>
    public MessageSummary? Make(Folder folder, int position)
    {
        var uid = folder.Messages!.Uids[position];
        using var content = context.Open(folder, uid, folder.Messages[position]);
        if (content is null) return null;
        var summary = context.Format.Summarize(content);
        var day = MessageEntry.Day(summary.SentDate);
        context.Index.Write(() =>
        {
            context.Index.Cache.Insert(IndexDatabase.Key(folder.Id, uid), summary);
            context.Index.UpdateSentDay(folder.Id, uid, day);
        }, lasting: false);
        folder.Messages[position].SentDay = day;
        return summary;
    }

    public int SentDay(Folder folder, int position)
    {
        if (folder.Messages![position].SentDay == MessageEntry.UnknownDay) Make(folder, position);
        return folder.Messages[position].SentDay;
    }

    /// <summary>The cached header fields; empty when the file is gone.</summary>
    public ReadOnlyMemory<byte> Headers(Folder folder, int position)
    {
        var key = IndexDatabase.Key(folder.Id, folder.Messages!.Uids[position]);
        return context.Index.Cache.TryGet(key, FetchItems.Headers, out var cached) ? cached.Headers : Make(folder, position)?.Headers ?? default;
    }
}
