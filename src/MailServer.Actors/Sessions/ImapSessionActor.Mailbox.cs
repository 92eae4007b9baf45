using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;
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
    private IActorRef _watched = ActorRefs.Nobody;
    private MailboxRequest? _asked;
    private MailboxOwner? _askedOwner;
    private long _sequence;
    private long _askedNumber;
    private long _selectNumber;
    private bool _resubscribes;
    private bool _needsSelection;
    private bool _needsWatch;
    private long _mailboxLostAt;

    private string? MailboxNode => _mailbox.IsNobody() ? null : _mailbox.Path.Address.Host;

    private void Ask(MailboxRequest request, MailboxOwner? owner) => _askedNumber = Send(request, owner);

    private long Send(MailboxRequest request, MailboxOwner? owner)
    {
        var account = _session.Account!;
        var number = ++_sequence;
        if (owner is null) Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(account.Id, request, number));
        else SendAsGuest(request, owner, account, number);
        return number;
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
            NoteSubscribed(reply);
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

    private void DropReply(MailboxReply reply)
    {
        if (reply is MailboxReply.Exported exported)
            foreach (var message in exported.Messages) Services.Spool.Remove(message.Message.Id);
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
        // Until they are stored, messages that are made of parts of others (CATENATE) also need other requests.
        if (_asked is MailboxRequest.Append or MailboxRequest.AppendAll or MailboxRequest.Replace) RemoveSpooled();
        if (reply is MailboxReply.Exported exported) _spooled.AddRange(exported.Messages.Select(static m => m.Message));
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
        var (isSelected, isWatched) = (stopped.Equals(_mailbox), stopped.Equals(_watched));
        if (!isSelected && !isWatched) return;
        if (isSelected) (_mailbox, _needsSelection) = (ActorRefs.Nobody, true);
        if (isWatched) (_watched, _needsWatch) = (ActorRefs.Nobody, true);
        _mailboxLostAt = Services.Time.GetTimestamp();
        if (Subscription is null) AskAgain();
        else Resubscribe();
    }

    /// <summary>A node was lost, perhaps with the pending request; a selected mailbox is watched separately.</summary>
    private void OnNodeLost()
    {
        if (_resubscribes) Resubscribe();
        else if (_mailbox.IsNobody() || _askedOwner != _session.SelectedPlace?.Owner) AskAgain();
    }

    /// <summary>What the session needs again from a new mailbox actor: the selected folder first, then the notifications of all folders.</summary>
    private (MailboxRequest Request, MailboxOwner? Owner)? Subscription
    {
        get
        {
            if (_needsSelection && _session.SelectedPlace is var (owner, name)) return (new MailboxRequest.Select(name, _readOnly), owner);
            return _needsWatch && _session.WatchesFolders ? (new MailboxRequest.Watch(true), null) : null;
        }
    }

    private void Resubscribe()
    {
        if (_session.Account is null || Subscription is not var (request, owner)) return;
        _resubscribes = true;
        _selectNumber = Send(request, owner);
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
            NoteSubscribed(reply);
            _session.ApplyReselection(folder);
        }
        else if (reply is MailboxReply.Watched watched)
        {
            NoteSubscribed(reply);
            _session.ApplyWatch(watched);
        }
        else
        {
            EndWith("the selected folder is not available");
            return;
        }

        if (Subscription is not null)
        {
            Resubscribe();
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
        foreach (var mailbox in new[] { _mailbox, _watched })
            if (!mailbox.IsNobody()) Context.Unwatch(mailbox);
        (_mailbox, _watched, _asked, _askedOwner, _askedNumber, _resubscribes) = (ActorRefs.Nobody, ActorRefs.Nobody, null, null, 0, false);
        (_needsSelection, _needsWatch) = (false, false);
    }

    private void AskAgain()
    {
        if (_asked is { } request && !ReferenceEquals(request, _askedElsewhere) && RequestRules.Of(request).Repeatable) Ask(request, _askedOwner);
    }

    private void NoteSubscribed(MailboxReply reply)
    {
        if (reply is MailboxReply.Selected)
        {
            Follow(ref _mailbox, _watched, Sender);
            _needsSelection = false;
        }
        else if (reply is MailboxReply.Watched)
        {
            Follow(ref _watched, _mailbox, Sender);
            _needsWatch = false;
        }
    }

    /// <param name="followed">The mailbox that is followed so far for this purpose.</param>
    /// <param name="other">The one that is followed for the other purpose.</param>
    /// <param name="mailbox">The mailbox to follow.</param>
    private static void Follow(ref IActorRef followed, IActorRef other, IActorRef mailbox)
    {
        if (mailbox.Equals(followed)) return;
        if (!followed.IsNobody() && !followed.Equals(other)) Context.Unwatch(followed);
        followed = mailbox.Equals(other) ? other : Context.Watch(mailbox);
    }

    private sealed record ResubscribeTimeout(long Asked) : INoSerializationVerificationNeeded;
}
