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
    /// Stages copies of a delivery. If some of them cannot be stored, the others are; the continuation gets the reply for all of them after the commit, or a refusal if none can be stored.
    /// </summary>
    public void StageCopies(IReadOnlyList<NewCopy> copies, SpoolId delivery, Action<MailboxReply> then)
    {
        quota.LookUp();
        var count = 0;
        MailboxRefusal? refused = null;
        try
        {
            foreach (var copy in copies)
            {
                var refusal = mailbox.Store.Stage(copy.Folder, copy.Flags, null, copy.Message);
                // The folder has too many keywords: the message counts more than they.
                if (refusal == MailboxRefusal.LimitReached && copy.Flags.Keywords.Count > 0) refusal = mailbox.Store.Stage(copy.Folder, new MessageFlags(copy.Flags.System), null, copy.Message);
                QuotaTracker.Count(refusal, "delivery");
                refused ??= refusal;
                if (refusal is not null) continue;
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

        if (count == 0) then(new MailboxReply.Refused(refused ?? MailboxRefusal.Unavailable));
        else if (_staged.Count == count) self.Tell(CommitStagedMessages.Instance);
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
