using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// New messages that are linked into their folders but not yet durable. They are committed together when the inbox of the actor holds no more of them, so a
/// burst costs one flush of the directory. Each sender is answered once: after the commit, or with a refusal.
/// </summary>
internal sealed class StagedMessages(RecoverableMailbox mailbox, QuotaTracker quota, MailboxNotifier notifier, IActorRef self)
{
    private const int Max = 500;

    private readonly List<StagedMessage> _staged = [];

    public void Stage(StagedMessage staged, FolderName folder, MessageFlags flags, DateTimeOffset? date, SpooledMessage message)
    {
        quota.LookUp();
        try
        {
            if (mailbox.Store.Stage(folder, flags, date, message) is { } refusal)
            {
                QuotaTracker.Count(refusal, staged.Delivered ? "delivery" : "append");
                staged.Answer(self, mailbox.Account, new MailboxReply.Refused(refusal));
                return;
            }
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            // Senders try again.
            staged.Refuse(self, mailbox.Account);
            Refuse();
            mailbox.Recover(e, "Stage");
            return;
        }

        _staged.Add(staged);
        if (_staged.Count == 1) self.Tell(CommitStagedMessages.Instance);
        else if (_staged.Count >= Max) Commit();
    }

    /// <summary>
    /// Stages copies of a delivery, first those that must be stored: all of them or none. The continuation gets the reply for all after the commit, or the refusal of one. Optional copies that
    /// cannot be stored are left out.
    /// </summary>
    public void StageCopies(IReadOnlyList<NewCopy> copies, SpoolId delivery, Action<MailboxReply> then)
    {
        quota.LookUp();
        // Nothing else may be undone with them.
        if (copies.Count(static c => !c.IsOptional) > 1)
            while (_staged.Count > 0) Commit();
        var count = 0;
        try
        {
            foreach (var copy in copies)
            {
                if (Stage(copy) is { } refusal)
                {
                    QuotaTracker.Count(refusal, "delivery");
                    if (copy.IsOptional) continue;
                    if (count > 0) mailbox.Store.DropStaged();
                    _staged.RemoveRange(_staged.Count - count, count);
                    then(new MailboxReply.Refused(refusal));
                    return;
                }

                _staged.Add(new StagedMessage(new RequestOrigin(ActorRefs.Nobody, 0), delivery, Delivered: true) { Then = count++ == 0 ? then : static _ => { } });
            }
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Refuse();
            if (count == 0) then(new MailboxReply.Refused(MailboxRefusal.Unavailable));
            mailbox.Recover(e, "Stage");
            return;
        }

        if (count == 0) then(MailboxReply.Done.Instance);
        else if (_staged.Count == count) self.Tell(CommitStagedMessages.Instance);
        else if (_staged.Count >= Max) Commit();
    }

    private MailboxRefusal? Stage(NewCopy copy)
    {
        var refusal = mailbox.Store.Stage(copy.Folder, copy.Flags, null, copy.Message);
        // The folder has too many keywords: the message counts more than they.
        return refusal == MailboxRefusal.LimitReached && copy.Flags.Keywords.Count > 0
            ? mailbox.Store.Stage(copy.Folder, new MessageFlags(copy.Flags.System), null, copy.Message)
            : refusal;
    }

    /// <summary>Makes all staged messages durable. Must precede any other request to the store.</summary>
    public void Commit()
    {
        if (_staged.Count == 0) return;
        CommitOutcome outcome;
        try
        {
            outcome = mailbox.Store.CommitStaged();
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Refuse();
            mailbox.Recover(e, "CommitStaged");
            return;
        }

        // Watchers first: APPEND to the selected folder is answered by EXISTS, then OK (RFC 3501 §6.3.11).
        foreach (var change in outcome.Changes) notifier.Notify(change);
        notifier.NotifyOfAll(_staged.TrueForAll(s => s.Client.Actor.Equals(_staged[0].Client.Actor)) ? _staged[0].Client.Actor : null);
        // Whoever is answered may stage the next message.
        var answered = _staged.ToArray();
        _staged.Clear();
        for (var i = 0; i < answered.Length; i++) Answer(answered[i], outcome.Appended[i]);
        quota.Warn();
    }

    /// <summary>Refuses all staged messages temporarily.</summary>
    public void Refuse()
    {
        var refused = _staged.ToArray();
        _staged.Clear();
        foreach (var staged in refused) staged.Refuse(self, mailbox.Account);
    }

    private void Answer(StagedMessage staged, MailboxReply.Appended appended)
    {
        mailbox.Log.Stored(staged.Message, appended.Uid);
        staged.Answer(self, mailbox.Account, appended);
    }
}
