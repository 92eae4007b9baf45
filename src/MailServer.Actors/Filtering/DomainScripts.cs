using MailServer.Domain.Mailboxes;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>Performs requests about the scripts of a domain. Mailboxes of any node see a change with their next message, because they look at the files.</summary>
internal static class DomainScripts
{
    // Two administrators may store scripts of a domain at the same time.
    private static readonly Lock Changing = new();

    /// <summary>Performs a request and returns its reply.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static MailboxReply Perform(ScriptFolder folder, MailboxRequest request)
    {
        lock (Changing)
        {
            return request switch
            {
                MailboxRequest.ListScripts => new MailboxReply.Scripts(folder.List()) { Faults = folder.FindFaults() },
                MailboxRequest.ReadScript read => folder.Read(read.Name) is { } text ? new MailboxReply.Script(text) : new MailboxReply.Refused(MailboxRefusal.NoSuchScript),
                MailboxRequest.PutScript put => Reply(folder.Put(put.Name, put.Text.Span)),
                MailboxRequest.DeleteScript delete => Reply(folder.Delete(delete.Name)),
                MailboxRequest.RenameScript rename => Reply(folder.Rename(rename.From, rename.To)),
                _ => throw new ScriptRefusedException("the scripts of a domain named 'before' and 'after' run for all its accounts; none is active, and a message is tried with an account"),
            };
        }
    }

    private static MailboxReply Reply(MailboxRefusal? refusal) => refusal is { } reason ? new MailboxReply.Refused(reason) : MailboxReply.Done.Instance;
}
