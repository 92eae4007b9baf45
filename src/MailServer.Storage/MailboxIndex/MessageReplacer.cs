using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// REPLACE: the new message is linked and its name made durable; then one transaction adds it and removes the old one, whose file is deleted last. A crash in
/// between may leave both messages, but never neither.
/// </summary>
internal sealed class MessageReplacer(MailboxContext context, MessageAppender appender)
{
    public MailboxResult<ReplaceOutcome> Replace(FolderId from, Uid uid, FolderName to, NewMessage message)
    {
        // As for every append, other folders are reconciled before the transaction begins.
        context.ReconcileAll();
        if (!context.TryFind(from, out var source)) return MailboxRefusal.NoSuchFolder;
        if (!context.TryFind(to, out var target)) return MailboxRefusal.NoSuchTarget;
        var position = context.Load(source).Uids.IndexOf(uid.Value);
        if (position < 0) return MailboxRefusal.NoSuchMessage;
        // The spool gives every upload its own id.
        if (context.Index.Messages.FindBase(target.Id, message.Message.Id.Base) is not null) throw new InvalidOperationException("the message was stored before");
        if (appender.Stage(to, message.Flags, message.InternalDate, message.Message, source.Messages![position].Size) is { } refusal) return refusal;
        var committed = appender.Commit((source, position));
        var reply = new MailboxReply.Replaced(target.UidValidity, committed.Appended[0].Uid, source.Changed([]));
        return new ReplaceOutcome(reply, committed.Changes);
    }
}
