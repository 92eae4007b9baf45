using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Filtering;

/// <summary>Performs requests about the scripts of an account, for its mailbox actor or, if no server runs, for a command.</summary>
/// <param name="store">The mailbox.</param>
/// <param name="server">The administrator's scripts.</param>
/// <param name="hostname">The server's host name.</param>
/// <param name="limits">The limits of messages and scripts.</param>
/// <param name="time">The time source.</param>
public sealed class AccountScripts(Func<MailboxStore> store, ServerScripts server, string hostname, Limits limits, TimeProvider time)
{
    /// <summary>The compiled scripts.</summary>
    internal ScriptLibrary Library { get; } = new(() => store().Scripts, () => store().OwnerDomain, server);

    /// <summary>Performs a request and returns its reply.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxReply Perform(MailboxRequest request) => request switch
    {
        MailboxRequest.ListScripts => List(),
        MailboxRequest.ReadScript read => store().Scripts.Read(read.Name) is { } text ? new MailboxReply.Script(text) : new MailboxReply.Refused(MailboxRefusal.NoSuchScript),
        MailboxRequest.PutScript put => Reply(store().Scripts.Put(put.Name, put.Text.Span)),
        MailboxRequest.DeleteScript delete => Reply(store().Scripts.Delete(delete.Name)),
        MailboxRequest.RenameScript rename => Reply(store().Scripts.Rename(rename.From, rename.To)),
        MailboxRequest.ActivateScript activate => Reply(store().Scripts.Activate(activate.Name)),
        MailboxRequest.TestScript test => Test(test),
        MailboxRequest.RunScript run => new StoredMailRun(store(), server, Library, hostname, limits, time).Perform(run),
        _ => throw new ArgumentException($"{request?.GetType().Name} is not about scripts", nameof(request)),
    };

    private MailboxReply.Scripts List()
    {
        var scripts = store().Scripts.List();
        return new MailboxReply.Scripts(scripts) { Faults = [.. store().Scripts.FindFaults(), .. scripts.Select(s => Library.Find(s.Name)?.Fault).OfType<string>()] };
    }

    private static MailboxReply Reply(MailboxRefusal? refusal) => refusal is { } reason ? new MailboxReply.Refused(reason) : MailboxReply.Done.Instance;

    private MailboxReply Test(MailboxRequest.TestScript test)
    {
        if (test.Name is { } name && Library.Find(name) is null) return new MailboxReply.Refused(MailboxRefusal.NoSuchScript);
        var context = new ScriptContext
        {
            Envelope = new SieveEnvelope(test.Sender, test.Recipient),
            Folder = FolderName.Inbox,
            OwnAddresses = [test.Recipient],
            Now = time.GetLocalNow(),
            Hostname = hostname,
        };
        using var content = new InMemoryContent(test.Message);
        var facts = new ScriptFacts(context, store(), new ScriptTargets(store(), limits, time), Library);
        IReadOnlyList<CompiledScript> scripts = test.Name is { } one ? [Library.Find(one)!] : Library.ForDelivery();
        var decision = new ScriptEvaluator(server).Run(scripts, new SieveMessage(content, limits), facts, canReject: true, traces: true);
        return new MailboxReply.ScriptTested([.. decision.Trace, .. decision.Remarks], ScriptActionText.Of(decision), decision.Error);
    }
}
