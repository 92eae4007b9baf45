using MailServer.Actors.Filtering;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Mailboxes;

/// <summary>Performs requests about the scripts of the account.</summary>
internal sealed class ScriptRequests(RecoverableMailbox mailbox, MailboxServices services, ScriptLibrary? library)
{
    public MailboxReply Perform(MailboxRequest request) => request switch
    {
        MailboxRequest.ListScripts => new MailboxReply.Scripts(mailbox.Store.Scripts.List()),
        MailboxRequest.ReadScript read => mailbox.Store.Scripts.Read(read.Name) is { } text ? new MailboxReply.Script(text) : new MailboxReply.Refused(MailboxRefusal.NoSuchScript),
        MailboxRequest.PutScript put => Reply(mailbox.Store.Scripts.Put(put.Name, put.Text.Span)),
        MailboxRequest.DeleteScript delete => Reply(mailbox.Store.Scripts.Delete(delete.Name)),
        MailboxRequest.ActivateScript activate => Reply(mailbox.Store.Scripts.Activate(activate.Name)),
        MailboxRequest.TestScript test => Test(test),
        _ => throw new InvalidOperationException($"unknown request {request.GetType().Name}"),
    };

    private static MailboxReply Reply(MailboxRefusal? refusal) => refusal is { } reason ? new MailboxReply.Refused(reason) : MailboxReply.Done.Instance;

    private MailboxReply Test(MailboxRequest.TestScript test)
    {
        if (library is null || services.Scripts is not { } scripts) return new MailboxReply.Refused(MailboxRefusal.Unavailable);
        if (test.Name is { } name && library.Find(name) is null) return new MailboxReply.Refused(MailboxRefusal.NoSuchScript);
        var context = new ScriptContext
        {
            Envelope = new SieveEnvelope(test.Sender, test.Recipient),
            Folder = FolderName.Inbox,
            OwnAddresses = [test.Recipient],
            Now = services.Time.GetLocalNow(),
            Hostname = scripts.Hostname,
        };
        return ScriptTrial.Run(test.Name is { } one ? [library.Find(one)!] : library.ForDelivery(), test.Message, context, mailbox.Store, library, scripts.Server, services.Limits, services.Time);
    }
}
