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
        for (var i = 0; i < _staged.Count; i++) Answer(_staged[i], outcome.Appended[i]);
        _staged.Clear();
        quota.Warn();
    }

    /// <summary>Refuses all staged messages temporarily.</summary>
    public void Refuse()
    {
        foreach (var staged in _staged) staged.Refuse(self, mailbox.Account);
        _staged.Clear();
    }

    private void Answer(StagedMessage staged, MailboxReply.Appended appended)
    {
        mailbox.Log.Stored(staged.Message, appended.Uid);
        staged.Answer(self, mailbox.Account, appended);
    }
}
