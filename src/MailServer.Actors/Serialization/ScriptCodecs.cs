using MailServer.Domain.Mailboxes;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests and replies about scripts.</summary>
internal static class ScriptCodecs
{
    public static IEnumerable<WireCodec> Requests() =>
    [
        Empty("mailbox.list-scripts-1", new MailboxRequest.ListScripts()),
        Create<MailboxRequest.ReadScript>("mailbox.read-script-1", (w, m) => w.Text(m.Name), r => new(r.Text())),
        Create<MailboxRequest.PutScript>("mailbox.put-script-1", (w, m) => { w.Text(m.Name); w.Bytes(m.Text.Span); }, r => new(r.Text(), r.Bytes())),
        Create<MailboxRequest.DeleteScript>("mailbox.delete-script-1", (w, m) => w.Text(m.Name), r => new(r.Text())),
        Create<MailboxRequest.RenameScript>("mailbox.rename-script-1", (w, m) => { w.Text(m.From); w.Text(m.To); }, r => new(r.Text(), r.Text())),
        Create<MailboxRequest.ActivateScript>("mailbox.activate-script-1", (w, m) => w.Maybe(m.Name, w.Text), r => new(r.Maybe(r.Text))),
        Create<MailboxRequest.TestScript>(
            "mailbox.test-script-1",
            (w, m) => { w.Maybe(m.Name, w.Text); w.Bytes(m.Message.Span); w.Text(m.Sender); w.Text(m.Recipient); },
            r => new(r.Maybe(r.Text), r.Bytes(), r.Text(), r.Text())),
        Create<MailboxRequest.RunScript>(
            "mailbox.run-script-1",
            (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Maybe(m.Name, w.Text); w.Bytes(m.Text.Span); w.Text(m.Recipient); },
            r => new(new FolderId(r.Long()), r.Numbers(), r.Maybe(r.Text), r.Bytes(), r.Text())),
    ];

    public static IEnumerable<WireCodec> Replies() =>
    [
        Create<MailboxReply.Scripts>(
            "mailbox.scripts-1",
            (w, m) =>
            {
                w.List(m.All, s => { w.Text(s.Name); w.Long(s.Size); w.Bool(s.IsActive); w.Time(s.ChangedAt); w.Text(s.Version); });
                w.List(m.Faults, w.Text);
            },
            ReadScripts),
        Create<MailboxReply.Script>("mailbox.script-1", (w, m) => w.Bytes(m.Text.Span), r => new(r.Bytes())),
        Create<MailboxReply.ScriptTested>(
            "mailbox.script-tested-1",
            (w, m) => { w.List(m.Trace, w.Text); w.List(m.Actions, w.Text); w.Maybe(m.Error, w.Text); },
            r => new(r.List(r.Text), r.List(r.Text), r.Maybe(r.Text))),
        Create<MailboxReply.ScriptRan>("mailbox.script-ran-1", (w, m) => w.List(m.Verdicts, v => Write(w, v)), r => new(r.List(() => ReadVerdict(r)))),
        Create<MailboxReply.Rejected>("mailbox.rejected-1", (w, m) => w.Text(m.Reason), r => new(r.Text())),
    ];

    private static void Write(WireWriter w, ScriptVerdict verdict)
    {
        w.Number(verdict.Uid.Value);
        w.Text(verdict.From);
        w.Text(verdict.Subject);
        w.Time(verdict.ReceivedAt);
        w.List(verdict.Copies, c => { w.Maybe(c.Folder, w.Text); w.Bool(c.Creates); w.List(c.Flags, w.Text); });
        w.List(verdict.Mails, w.Text);
        w.Bool(verdict.IsRefused);
        w.Maybe(verdict.Error, w.Text);
    }

    private static ScriptVerdict ReadVerdict(WireReader r) => new(
        new Uid((uint)r.Number()), r.Text(), r.Text(), r.Time(), r.List(() => new ScriptPlacement(r.Maybe(r.Text), r.Bool(), r.List(r.Text))), r.List(r.Text), r.Bool(), r.Maybe(r.Text));

    // Nodes of older versions send no faults.
    private static MailboxReply.Scripts ReadScripts(WireReader r)
    {
        var scripts = new MailboxReply.Scripts(r.List(() => new StoredScript(r.Text(), r.Long(), r.Bool(), r.Time(), r.Text())));
        return r.AtEnd ? scripts : scripts with { Faults = r.List(r.Text) };
    }
}
