using System.Buffers;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Notifying;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

// What a client with NOTIFY (RFC 5465) is told between commands, while it is idling and at the end of each command.
public sealed partial class ImapSession
{
    private NotifyRequest? _notify;
    private AccountView? _account;
    private bool _viewChanged;
    private bool _reporting;

    /// <summary>Whether the session needs <see cref="AccountChanged"/> of its mailbox.</summary>
    public bool WatchesFolders => _account is not null;

    /// <summary>Whether <see cref="Advance"/> would tell the client something without further input.</summary>
    public bool HasWork =>
        !IsEnded && !_reporting && (_running is null || IsIdling)
        && (_account is { IsDue: true } || (_viewChanged && View is not null && (_notify is null ? IsIdling : ToldEvents != ViewEvents.None)) || (IsIdling && View is { FlagsOverflowed: true } && TellsFlags));

    /// <summary>Notes a change in any folder. Call <see cref="Advance"/> if there is work then.</summary>
    public void ApplyChange(AccountChanged change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (!IsEnded) _account?.Apply(change);
    }

    /// <summary>Replaces what is known of the folders after their mailbox moved to another node.</summary>
    public void ApplyWatch(MailboxReply.Watched watched)
    {
        ArgumentNullException.ThrowIfNull(watched);
        if (!IsEnded) _account?.Apply(watched);
    }

    private ViewEvents ToldEvents => _notify is null ? ViewEvents.All : _isOwnChange ? _notify.OfSelected | ViewEvents.Messages : _notify.OfSelected;

    private bool TellsFlags => ToldEvents.HasFlag(ViewEvents.Flags);

    /// <summary>Replaces what the client wants to be told, after telling it what has accumulated.</summary>
    internal IEnumerable<ImapEffect> BeginNotify(NotifyRequest request, MailboxReply.Watched? watched)
    {
        _notify = null;
        foreach (var effect in Resync(mayExpunge: true)) yield return effect;
        _ = View?.TakeNew();
        _notify = request;
        _account = watched is null ? null : new AccountView(request, watched, Limits.NotifyBacklog);
        if (request.WithStatus) WriteFolderStatus();
    }

    /// <summary>Writes what the client is to know now: changes of the selected folder, as far as the protocol allows, and of the others.</summary>
    internal IEnumerable<ImapEffect> Report(bool mayExpunge)
    {
        _reporting = true;
        try
        {
            _viewChanged = false;
            foreach (var effect in Resync(mayExpunge)) yield return effect;
            var added = View?.TakeNew() ?? [];
            foreach (var effect in FetchNewMessages(added)) yield return effect;
            foreach (var effect in UpdateContexts([.. added])) yield return effect;
            if (_account is { HasOverflowed: true }) yield return StopNotifying();
            else WriteFolderChanges();
        }
        finally
        {
            _reporting = false;
        }

        if (_folderRemoved && IsIdling) Bye(FolderRemovedText);
    }

    /// <summary>Messages that this client has stored itself in the selected folder are not fetched for it (RFC 5465 §5.2).</summary>
    internal void NoteOwn(FolderName? folder, IEnumerable<Uid> uids)
    {
        if (View is { } view && view.Name == folder) view.NoteOwn(uids);
    }

    private void EndNotify() => (_notify, _account, _viewChanged) = (null, null, false);

    private void BeginReport() => _running = Routed(Report(mayExpunge: _notify is { DelaysExpunges: false })).GetEnumerator();

    private IEnumerable<ImapEffect> FetchNewMessages(uint[] uids) =>
        View is { } view && uids.Length > 0 && _notify?.NewMessages is { } plan ? FetchMessages(view, plan, uids) : [];

    private IEnumerable<ImapEffect> FetchMessages(SelectedFolder view, FetchPlan wanted, uint[] uids)
    {
        // RFC 7162 §3.2.4: FETCH responses that the client has not asked for contain both.
        var plan = Enabled.CondStore ? wanted with { Attributes = wanted.Attributes | FetchAttributes.Uid | FetchAttributes.ModSeq } : wanted;
        var responses = new FetchResponses(plan);
        var size = responses.PageSize(this);
        for (var at = 0; at < uids.Length; at += size)
        {
            if (at > 0) yield return Flush;
            var page = uids.AsMemory(at, Math.Min(size, uids.Length - at));
            // A notification is no reading: it never sets \Seen.
            yield return Request(new MailboxRequest.Fetch(view.Id, page, plan.Items, MarkSeen: false));
            if (Reply is not MailboxReply.Fetched { Rows: var rows }) yield break;
            foreach (var effect in responses.Write(this, rows)) yield return effect;
        }
    }

    private void WriteFolderChanges()
    {
        if (_account is not { IsDue: true } account) return;
        var writer = new ImapWriter(Output);
        account.Write(ref writer, View?.Id, Enabled);
        writer.Commit();
    }

    private void WriteFolderStatus()
    {
        if (_account is not { } account) return;
        var writer = new ImapWriter(Output);
        account.WriteStatus(ref writer, View?.Id, Enabled);
        writer.Commit();
    }

    // RFC 5465 §5.8: as after NOTIFY NONE.
    private ImapEffect StopNotifying()
    {
        Output.Write("* OK [NOTIFICATIONOVERFLOW] Too many changes, notifications have ended\r\n"u8);
        (_notify, _account) = (NotifyRequest.None, null);
        return Request(new MailboxRequest.Watch(false));
    }
}
