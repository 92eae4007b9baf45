using System.Buffers;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

// Reports changes of the selected folder to the client, and that the server is still there.
public sealed partial class ImapSession
{
    /// <summary>Writes <c>* OK Still here</c> when the client is idling, to keep the connection alive.</summary>
    public void WriteKeepAlive()
    {
        if (IsIdling && !_reporting && !IsEnded) Output.Write("* OK Still here\r\n"u8);
    }

    /// <summary>Tells the client that its command is still being processed (RFC 9585). Only while the session waits for the mailbox, when every response is complete.</summary>
    public void WriteProgress()
    {
        if (!_isCommand || IsIdling || IsEnded) return;
        var writer = new ImapWriter(Output);
        writer.Write("* OK [INPROGRESS ("u8);
        writer.Quoted(_tag);
        writer.Write(" NIL NIL)] Still working\r\n"u8);
        writer.Commit();
    }

    /// <summary>The extensions that the client has switched on.</summary>
    internal EnabledExtensions Enabled { get; private set; } = new();

    /// <summary>Enables CONDSTORE for the rest of the connection; a client with a selected folder is told where it stands (RFC 7162 §3.1.2.1).</summary>
    internal void EnableCondStore()
    {
        if (Enabled.CondStore) return;
        Enabled.CondStore = true;
        if (View is null) return;
        var writer = new ImapWriter(Output);
        View.WriteHighestModSeq(ref writer);
        writer.Commit();
    }

    /// <summary>Writes pending changes of the selected folder, as far as the protocol allows now and the client wants to know them (NOTIFY).</summary>
    internal void SyncView(bool mayExpunge)
    {
        if (View is null) return;
        RemoveFromContexts();
        var writer = new ImapWriter(Output);
        View.Sync(ref writer, mayExpunge, ToldEvents);
        writer.Commit();
    }

    /// <summary>Like <see cref="SyncView"/>, but also fetches the flags of all messages when the buffer of flag changes has overflowed.</summary>
    internal IEnumerable<ImapEffect> Resync(bool mayExpunge)
    {
        var since = View?.AnnouncedModSeq ?? default;
        var lost = View is { FlagsOverflowed: true } && TellsFlags;
        SyncView(mayExpunge);
        if (!lost || View is not { } view) yield break;
        view.ClearFlagsOverflow();
        var uids = view.AnnouncedUids.Memory;
        for (var at = 0; at < uids.Length; at += Limits.FetchPage)
        {
            var page = uids.Slice(at, Math.Min(Limits.FetchPage, uids.Length - at));
            yield return Request(new MailboxRequest.Fetch(view.Id, page, FetchItems.Flags, MarkSeen: false));
            if (Reply is MailboxReply.Fetched { Rows: var rows }) WriteAllFlags(view, rows, since);
            yield return Flush;
        }
    }

    private void WriteAllFlags(SelectedFolder view, IReadOnlyList<MessageRow> rows, ModSeq since)
    {
        var writer = new ImapWriter(Output);
        view.WriteFlagUpdate(ref writer, rows, since);
        writer.Commit();
    }
}
