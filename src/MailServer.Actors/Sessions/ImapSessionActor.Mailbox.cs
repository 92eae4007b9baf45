using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Actors.Sessions;

// Keeps the session's selected folder on whichever node its mailbox is. When the mailbox actor stops (failure, move, node loss), the session selects the
// folder again without involving the client. A pending request is repeated if that is safe; any other is answered or refused by its region
// (RequestTracker). Replies carry the number of their request, so a late reply is never mistaken for another.
internal sealed partial class ImapSessionActor
{
    private static readonly TimeSpan ResubscribeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResubscribeWithin = TimeSpan.FromMinutes(1);

    private readonly bool _isClustered = Context.System.HasExtension<Akka.Cluster.Cluster>();
    private IActorRef _mailbox = ActorRefs.Nobody;
    private MailboxRequest? _asked;
    private long _sequence;
    private long _askedNumber;
    private long _selectNumber;
    private bool _resubscribes;
    private bool _reselected;
    private long _mailboxLostAt;

    private string? MailboxNode => _mailbox.IsNobody() ? null : _mailbox.Path.Address.Host;

    private void Ask(MailboxRequest request) => _askedNumber = Send(request);

    private long Send(MailboxRequest request)
    {
        Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(_session.Account!.Id, request, ++_sequence));
        return _sequence;
    }

    /// <summary>A request that has not arrived yet must not be executed after its client was told that it failed.</summary>
    private void Abandon()
    {
        if (_isClustered) Services.Mailboxes.Tell(OfferProtocol.Abandoned.Instance);
    }

    private void OnAnswered(MailboxProtocol.NumberedReply answered)
    {
        var reply = Opened(answered.Reply);
        // What is repeatable is asked again when the folder is selected again.
        if (_asked is { } request && answered.Sequence == _askedNumber && !(_resubscribes && RequestRules.Of(request).Repeatable))
        {
            if (reply is MailboxReply.Selected or MailboxReply.Watched) Follow(Sender);
            Answer(reply);
        }
        else if (_resubscribes && answered.Sequence == _selectNumber)
        {
            OnResubscribed(reply);
        }
        else
        {
            DropReply(reply);
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
        _askedNumber = 0;
        Abandon();
        TakeAnswer(reply);
    }

    private void OnMailboxStopped(IActorRef stopped)
    {
        if (!stopped.Equals(_mailbox)) return;
        _mailbox = ActorRefs.Nobody;
        _mailboxLostAt = Services.Time.GetTimestamp();
        _reselected = false;
        if (Subscription is null) AskAgain();
        else Resubscribe();
    }

    /// <summary>A node was lost, perhaps with the pending request; a selected mailbox is watched separately.</summary>
    private void OnNodeLost()
    {
        if (_resubscribes) Resubscribe();
        else if (_mailbox.IsNobody()) AskAgain();
    }

    /// <summary>What the session needs again from a new mailbox actor: the selected folder first, then the notifications of all folders.</summary>
    private MailboxRequest? Subscription
    {
        get
        {
            if (_session.SelectedFolder is { } folder && !_reselected) return new MailboxRequest.Select(folder, _readOnly);
            return _session.WatchesFolders ? new MailboxRequest.Watch(true) : null;
        }
    }

    private void Resubscribe()
    {
        if (_session.Account is null || Subscription is not { } request) return;
        _resubscribes = true;
        _selectNumber = Send(request);
        // A request to a node that has just died is never answered.
        var asked = new ResubscribeTimeout(_selectNumber);
        Task.Delay(ResubscribeEvery, Services.Time).PipeTo(Self, success: () => asked);
    }

    /// <summary>The new mailbox actor is not available yet; an idle client does not notice.</summary>
    private void ResubscribeAgain(long asked)
    {
        if (!_resubscribes || asked != _selectNumber) return;
        if (Services.Time.GetElapsedTime(_mailboxLostAt) > ResubscribeWithin) EndWith("the selected folder is not available");
        else Resubscribe();
    }

    private void OnResubscribed(MailboxReply reply)
    {
        if (reply is MailboxReply.Refused { Reason: MailboxRefusal.Unavailable }) return;
        _resubscribes = false;
        if (reply is MailboxReply.Selected { Folder: var folder })
        {
            Follow(Sender);
            _session.ApplyReselection(folder);
            _reselected = true;
            if (Subscription is not null)
            {
                Resubscribe();
                return;
            }
        }
        else if (reply is MailboxReply.Watched watched)
        {
            Follow(Sender);
            _session.ApplyWatch(watched);
        }
        else
        {
            EndWith("the selected folder is not available");
            return;
        }

        FlushSoon();
        AskAgain();
        // An idle client is also notified of flags that changed meanwhile.
        if (_asked is null) ResumeIfIdle();
    }

    /// <summary>The next mailbox may be another account's.</summary>
    private void LeaveMailbox()
    {
        if (!_mailbox.IsNobody()) Context.Unwatch(_mailbox);
        (_mailbox, _asked, _askedNumber, _resubscribes) = (ActorRefs.Nobody, null, 0, false);
    }

    private void AskAgain()
    {
        if (_asked is { } request && !ReferenceEquals(request, _askedElsewhere) && RequestRules.Of(request).Repeatable) Ask(request);
    }

    private void Follow(IActorRef mailbox)
    {
        if (mailbox.Equals(_mailbox)) return;
        if (!_mailbox.IsNobody()) Context.Unwatch(_mailbox);
        _mailbox = Context.Watch(mailbox);
    }

    private sealed record ResubscribeTimeout(long Asked) : INoSerializationVerificationNeeded;
}
