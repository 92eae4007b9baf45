using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Actors.Sessions;

// Keeps the session's selected folder on whichever node its mailbox is. When the mailbox actor stops (failure, move, node loss), the session selects the
// folder again without involving the client. A pending request is retried if that is safe, and otherwise refused temporarily. Replies carry the number
// of their request, so a late reply is never mistaken for another.
internal sealed partial class ImapSessionActor
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ResubscribeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResubscribeWithin = TimeSpan.FromMinutes(1);

    private readonly bool _isClustered = Context.System.HasExtension<Akka.Cluster.Cluster>();
    private IActorRef _mailbox = ActorRefs.Nobody;
    private MailboxRequest? _asked;
    private long _sequence;
    private bool _resubscribes;
    private long _mailboxLostAt;
    private long _askedAt;
    private TimeSpan _silence;

    private string? MailboxNode => _mailbox.IsNobody() ? null : _mailbox.Path.Address.Host;

    private void Ask(MailboxRequest request)
    {
        _askedAt = Services.Time.GetTimestamp();
        _silence = Silence;
        Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(_session.Account!.Id, request, ++_sequence));
    }

    /// <summary>
    /// While an account moves between nodes, cluster sharding may drop requests that would otherwise be reordered. The retry has the same number, so either
    /// reply is accepted.
    /// </summary>
    private void AskAgainAfterSilence()
    {
        if (_asked is not { } request || _resubscribes || !IsHarmlessTwice(request) || !_isClustered || Services.Time.GetElapsedTime(_askedAt) < _silence) return;
        _silence *= 3;
        Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(_session.Account!.Id, request, _sequence));
    }

    private void OnAnswered(MailboxProtocol.NumberedReply answered)
    {
        var reply = Opened(answered.Reply);
        if (answered.Sequence != _sequence)
        {
            DropReply(reply);
        }
        else if (_resubscribes)
        {
            OnResubscribed(reply);
        }
        else if (_asked is null)
        {
            DropReply(reply);
        }
        else
        {
            if (reply is MailboxReply.Selected) Follow(Sender);
            Answer(reply);
        }
    }

    /// <summary>Opens locally the file that another node referred to.</summary>
    private static MailboxReply Opened(MailboxReply reply)
    {
        if (reply is not MailboxReply.Fetched { Rows: var rows } fetched || !rows.Any(static r => r.Content is SharedMessageContent)) return reply;
        return fetched with { Rows = [.. rows.Select(static r => r.Content is SharedMessageContent content && !content.TryOpen() ? r with { Content = null } : r)] };
    }

    private static void DropReply(MailboxReply reply)
    {
        if (reply is not MailboxReply.Fetched fetched) return;
        foreach (var row in fetched.Rows) row.Content?.Dispose();
    }

    private void Answer(MailboxReply reply)
    {
        TakeAnswer(reply);
        Resume();
    }

    private void TakeAnswer(MailboxReply reply)
    {
        RemoveSpooled();
        _asked = null;
        _session.Answer(reply);
    }

    /// <summary>Passes a reply to the session in place of one that did not arrive; if that still arrives, its number is outdated.</summary>
    private void TakeMailbox(MailboxReply reply)
    {
        if (!_resubscribes) _sequence++;
        TakeAnswer(reply);
    }

    private void OnMailboxStopped(IActorRef stopped)
    {
        if (!stopped.Equals(_mailbox)) return;
        _mailbox = ActorRefs.Nobody;
        _mailboxLostAt = Services.Time.GetTimestamp();
        if (_session.SelectedFolder is null) AskAgain();
        else Resubscribe();
    }

    /// <summary>A node was lost. It is unknown whether it received the pending request; a selected mailbox is watched separately.</summary>
    private void OnNodeLost()
    {
        if (_resubscribes) Resubscribe();
        else if (_mailbox.IsNobody()) AskAgain();
    }

    private void Resubscribe()
    {
        if (_session.SelectedFolder is not { } folder || _session.Account is null) return;
        _resubscribes = true;
        Ask(new MailboxRequest.Select(folder, _readOnly));
        // A request to a node that has just died is never answered.
        var asked = new ResubscribeTimeout(_sequence);
        Task.Delay(ResubscribeEvery, Services.Time).PipeTo(Self, success: () => asked);
    }

    /// <summary>The new mailbox actor is not available yet; an idle client does not notice.</summary>
    private void ResubscribeAgain(long asked)
    {
        if (!_resubscribes || asked != _sequence) return;
        if (Services.Time.GetElapsedTime(_mailboxLostAt) > ResubscribeWithin) EndWith("the selected folder is not available");
        else Resubscribe();
    }

    private void OnResubscribed(MailboxReply reply)
    {
        if (reply is MailboxReply.Refused { Reason: MailboxRefusal.Unavailable }) return;
        _resubscribes = false;
        if (reply is not MailboxReply.Selected { Folder: var folder })
        {
            EndWith("the selected folder is not available");
            return;
        }

        Follow(Sender);
        _session.ApplyReselection(folder);
        FlushSoon();
        AskAgain();
        // An idle client is also notified of flags that changed meanwhile.
        if (_asked is null) ResumeIfIdle();
    }

    private void AskAgain()
    {
        if (_asked is not { } request) return;
        if (IsHarmlessTwice(request)) Ask(request);
        else Answer(new MailboxReply.Refused(MailboxRefusal.Unavailable));
    }

    /// <summary>True for requests that can safely be repeated. APPEND is one: its message is identified by its spool id.</summary>
    private static bool IsHarmlessTwice(MailboxRequest request) => request is not
        (MailboxRequest.Copy or MailboxRequest.CreateFolder or MailboxRequest.DeleteFolder or MailboxRequest.RenameFolder or MailboxRequest.MakeCopy);

    private void Follow(IActorRef mailbox)
    {
        if (mailbox.Equals(_mailbox)) return;
        if (!_mailbox.IsNobody()) Context.Unwatch(_mailbox);
        _mailbox = Context.Watch(mailbox);
    }

    private sealed record ResubscribeTimeout(long Asked) : INoSerializationVerificationNeeded;
}
