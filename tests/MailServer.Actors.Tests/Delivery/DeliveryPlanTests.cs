using MailServer.Actors.Delivery;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Delivery;

/// <summary>The steps of a delivery for every sequence of answers, without an actor or a disk.</summary>
public sealed class DeliveryPlanTests
{
    private static readonly SmtpReply Accepted = new(250, "2.0.0", "Ok");
    private static readonly FolderName Junk = FolderName.Parse("Junk");
    private static readonly MailboxReply Rejected = new MailboxReply.Rejected("no, thank you");
    private static readonly MailboxReply Stored = new MailboxReply.Appended(default, new Uid(1));
    private static readonly AccountId Ann = new(1);
    private static readonly AccountId Ben = new(2);

    [Fact]
    public void A_message_for_one_mailbox_is_accepted_when_the_mailbox_has_it()
    {
        var plan = Plan([Ann], remote: 0);
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, FolderName.Inbox)], plan.Start(isHeld: false));
        Assert.Equal([new DeliveryStep.Finish(Accepted, RemovesContent: true, RemovesEnvelope: false)], plan.OnDelivered(Ann, Stored));
    }

    [Fact]
    public void Mail_for_other_hosts_is_queued_after_the_mailboxes_have_answered()
    {
        var plan = Plan([Ann, Ben], remote: 1);
        plan.Start(isHeld: false);
        Assert.Empty(plan.OnDelivered(Ann, Stored));
        Assert.Equal([new DeliveryStep.Enqueue()], plan.OnDelivered(Ben, Stored));
        Assert.Equal([new DeliveryStep.Finish(Accepted, RemovesContent: false, RemovesEnvelope: false)], plan.OnEnqueued(taken: true));
    }

    [Fact]
    public void A_mailbox_that_is_full_beside_one_that_has_room_gets_its_copy_from_the_queue()
    {
        var plan = Plan([Ann, Ben], remote: 0);
        plan.Start(isHeld: false);
        plan.OnDelivered(Ann, new MailboxReply.Refused(MailboxRefusal.OverQuota));
        Assert.Equal([new DeliveryStep.Enqueue()], plan.OnDelivered(Ben, Stored));
        Assert.Equal(452, Assert.Single(plan.Later).Value?.Code);
    }

    [Fact]
    public void When_no_mailbox_takes_the_message_the_client_keeps_it()
    {
        var plan = Plan([Ann, Ben], remote: 0);
        plan.Start(isHeld: false);
        plan.OnDelivered(Ann, new MailboxReply.Refused(MailboxRefusal.Unavailable));
        var finish = Assert.IsType<DeliveryStep.Finish>(Assert.Single(plan.OnDelivered(Ben, new MailboxReply.Refused(MailboxRefusal.Unavailable))));
        Assert.True(finish.Reply.IsTransient);
        Assert.True(finish.RemovesContent);
    }

    [Fact]
    public void A_suspect_message_goes_to_the_inbox_of_an_account_without_junk_folder()
    {
        var plan = Plan([Ann], remote: 0, Junk);
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, Junk)], plan.Start(isHeld: false));
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, FolderName.Inbox)], plan.OnDelivered(Ann, new MailboxReply.Refused(MailboxRefusal.NoSuchTarget)));
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, FolderName.Inbox)], plan.Repeat());
    }

    [Fact]
    public void When_every_recipient_refuses_the_client_hears_the_text()
    {
        var plan = Plan([Ann, Ben], remote: 0);
        plan.Start(isHeld: false);
        Assert.Empty(plan.OnDelivered(Ann, Rejected));
        var finish = Assert.IsType<DeliveryStep.Finish>(Assert.Single(plan.OnDelivered(Ben, Rejected)));
        Assert.Equal(new SmtpReply(550, "5.7.1", "no, thank you"), finish.Reply);
        Assert.Empty(plan.Reached);
    }

    [Fact]
    public void When_some_refuse_the_queue_tells_a_sender_who_is_known()
    {
        var plan = Plan([Ann, Ben], remote: 0);
        plan.Start(isHeld: false);
        plan.OnDelivered(Ann, Rejected);
        Assert.Equal([new DeliveryStep.Enqueue()], plan.OnDelivered(Ben, Stored));
        Assert.Equal((Ann, 550), (plan.Later.Single().Key, plan.Later.Single().Value?.Code));
        Assert.Equal([Ben], plan.Reached.Keys);
    }

    [Fact]
    public void When_some_refuse_a_sender_who_may_be_forged_is_not_told_and_they_get_it_as_junk()
    {
        var plan = Plan([Ann, Ben], remote: 0, mayTellSender: false);
        plan.Start(isHeld: false);
        plan.OnDelivered(Ann, Rejected);
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, Junk, SkipsScripts: true)], plan.OnDelivered(Ben, Stored));
        Assert.Equal([new DeliveryStep.DeliverTo(Ann, FolderName.Inbox, SkipsScripts: true)], plan.OnDelivered(Ann, new MailboxReply.Refused(MailboxRefusal.NoSuchTarget)));
        Assert.Equal([new DeliveryStep.Finish(Accepted, RemovesContent: true, RemovesEnvelope: false)], plan.OnDelivered(Ann, Stored));
    }

    [Fact]
    public void When_one_refuses_and_one_is_unavailable_the_client_tries_again()
    {
        var plan = Plan([Ann, Ben], remote: 0);
        plan.Start(isHeld: false);
        plan.OnDelivered(Ann, Rejected);
        var finish = Assert.IsType<DeliveryStep.Finish>(Assert.Single(plan.OnDelivered(Ben, new MailboxReply.Refused(MailboxRefusal.Unavailable))));
        Assert.True(finish.Reply.IsTransient);
    }

    [Fact]
    public void A_held_message_waits_in_the_queue_for_all_mailboxes()
    {
        var plan = Plan([Ann, Ben], remote: 1);
        Assert.Equal([new DeliveryStep.Enqueue()], plan.Start(isHeld: true));
        plan.OnEnqueued(taken: true);
        Assert.Equal(2, plan.Later.Count);
        Assert.Empty(plan.Reached);
    }

    [Fact]
    public void A_queue_that_does_not_answer_may_have_the_message_so_only_the_envelope_is_removed()
    {
        var plan = Plan([], remote: 1);
        plan.Start(isHeld: false);
        var finish = Assert.IsType<DeliveryStep.Finish>(Assert.Single(plan.OnTimeout()));
        Assert.Equal((false, true), (finish.RemovesContent, finish.RemovesEnvelope));
        Assert.True(finish.Reply.IsTransient);
    }

    [Fact]
    public void Every_sequence_of_answers_ends_with_one_reply_that_is_true()
    {
        var sequences = 0;
        foreach (var (accounts, remote) in ((AccountId[], int)[])[([Ann], 0), ([], 1), ([Ann, Ben], 0), ([Ann], 1), ([Ann, Ben], 1)])
        {
            foreach (var folder in (FolderName[])[FolderName.Inbox, Junk])
            {
                foreach (var isHeld in (bool[])[false, true])
                    foreach (var mayTellSender in (bool[])[false, true]) sequences += Walk(accounts, remote, folder, isHeld, mayTellSender, []);
            }
        }

        Assert.InRange(sequences, 1_000, int.MaxValue);
    }

    /// <summary>Follows every answer that the world can give next; returns the number of finished sequences.</summary>
    private static int Walk(AccountId[] accounts, int remote, FolderName folder, bool isHeld, bool mayTellSender, IReadOnlyList<Answer> before)
    {
        var world = new World(Plan(accounts, remote, folder, mayTellSender), accounts, remote);
        world.Perform(world.Plan.Start(isHeld));
        foreach (var answer in before) world.Give(answer);
        if (world.Reply is not null)
        {
            world.Check();
            return 1;
        }

        // Repeats change nothing, so one in a sequence is enough.
        return world.Possible(canRepeat: !before.Any(static a => a is Answer.NodeLost)).Sum(next => Walk(accounts, remote, folder, isHeld, mayTellSender, [.. before, next]));
    }

    [Fact]
    public void A_message_for_a_list_alone_is_accepted_at_once_because_its_copies_are_durable() =>
        Assert.Equal([new DeliveryStep.Finish(Accepted, RemovesContent: true, RemovesEnvelope: false)], PlanOfList([], isPosted: true).Start(isHeld: false));

    [Fact]
    public void A_message_that_a_list_has_sent_is_not_sent_again_by_the_client_whatever_the_mailboxes_say()
    {
        foreach (var reply in (MailboxReply[])[Rejected, new MailboxReply.Refused(MailboxRefusal.Unavailable)])
        {
            var plan = PlanOfList([Ann], isPosted: true);
            plan.Start(isHeld: false);
            Assert.Equal([new DeliveryStep.Enqueue()], plan.OnDelivered(Ann, reply));
            Assert.Equal([new DeliveryStep.Finish(Accepted, RemovesContent: false, RemovesEnvelope: false)], plan.OnEnqueued(taken: true));
        }
    }

    [Fact]
    public void The_queue_tells_the_sender_of_a_list_that_refuses_while_a_mailbox_has_the_message()
    {
        var plan = PlanOfList([Ann], hasRefusingLists: true);
        plan.Start(isHeld: false);
        Assert.Equal([new DeliveryStep.Enqueue()], plan.OnDelivered(Ann, Stored));
    }

    private static DeliveryPlan PlanOfList(AccountId[] accounts, bool isPosted = false, bool hasRefusingLists = false)
    {
        var destinations = new ResolvedRecipients();
        foreach (var account in accounts) destinations.Accounts[account] = EmailAddress.Parse($"user{account}@example.org");
        var list = new MailingList(EmailAddress.Parse("team@example.org"), new MailingListSettings(EmailAddress.Parse("boss@example.org")));
        destinations.Lists[list.Address] = (list, list.Address);
        return new DeliveryPlan(destinations, FolderName.Inbox, Accepted, isPosted: isPosted, hasRefusingLists: hasRefusingLists);
    }

    private static DeliveryPlan Plan(AccountId[] accounts, int remote, FolderName? folder = null, bool mayTellSender = true)
    {
        var destinations = new ResolvedRecipients();
        foreach (var account in accounts) destinations.Accounts[account] = EmailAddress.Parse($"user{account}@example.org");
        for (var n = 0; n < remote; n++) destinations.Remote[EmailAddress.Parse($"far{n}@far.example")] = EmailAddress.Parse($"far{n}@far.example");
        return new DeliveryPlan(destinations, folder ?? FolderName.Inbox, Accepted, mayTellSender);
    }

    private abstract record Answer
    {
        public sealed record Mailbox(AccountId Account, MailboxReply Reply) : Answer;

        public sealed record Enqueued(bool Taken) : Answer;

        public sealed record QueueUnavailable(bool MayHaveIt) : Answer;

        public sealed record EnvelopeFailed : Answer;

        public sealed record Timeout : Answer;

        public sealed record NodeLost : Answer;
    }

    /// <summary>Mailboxes and queue as they are after the performed steps.</summary>
    private sealed class World(DeliveryPlan plan, AccountId[] accounts, int remote)
    {
        private readonly Dictionary<AccountId, FolderName> _requested = [];
        private readonly HashSet<AccountId> _stored = [];
        private readonly HashSet<AccountId> _refused = [];
        private readonly HashSet<AccountId> _skipping = [];
        private bool _isQueueing;
        private bool _isQueued;
        private bool _mayBeQueued;
        private DeliveryStep.Finish? _finish;

        public DeliveryPlan Plan => plan;

        public SmtpReply? Reply => _finish?.Reply;

        public void Perform(IReadOnlyList<DeliveryStep> steps)
        {
            foreach (var step in steps)
            {
                Assert.Null(_finish);
                switch (step)
                {
                    case DeliveryStep.DeliverTo deliver:
                        Assert.False(_isQueueing);
                        _requested[deliver.Account] = deliver.Folder;
                        if (deliver.SkipsScripts) _skipping.Add(deliver.Account);
                        break;
                    case DeliveryStep.Enqueue:
                        Assert.Empty(_requested);
                        _isQueueing = true;
                        break;
                    case DeliveryStep.Finish finish:
                        _finish = finish;
                        break;
                }
            }
        }

        public IEnumerable<Answer> Possible(bool canRepeat)
        {
            Assert.True(_requested.Count > 0 || _isQueueing, "the delivery waits for nothing");
            yield return new Answer.Timeout();
            if (canRepeat) yield return new Answer.NodeLost();
            foreach (var (account, folder) in _requested)
            {
                yield return new Answer.Mailbox(account, Stored);
                yield return new Answer.Mailbox(account, new MailboxReply.Refused(MailboxRefusal.OverQuota));
                yield return new Answer.Mailbox(account, new MailboxReply.Refused(MailboxRefusal.Unavailable));
                if (!_skipping.Contains(account)) yield return new Answer.Mailbox(account, Rejected);
                if (folder != FolderName.Inbox) yield return new Answer.Mailbox(account, new MailboxReply.Refused(MailboxRefusal.NoSuchTarget));
            }

            if (!_isQueueing) yield break;
            foreach (var yes in (bool[])[false, true])
            {
                yield return new Answer.Enqueued(yes);
                yield return new Answer.QueueUnavailable(yes);
            }

            yield return new Answer.EnvelopeFailed();
        }

        public void Give(Answer answer)
        {
            switch (answer)
            {
                case Answer.Mailbox mailbox:
                    _requested.Remove(mailbox.Account);
                    if (mailbox.Reply is MailboxReply.Appended) _stored.Add(mailbox.Account);
                    if (mailbox.Reply is MailboxReply.Rejected) _refused.Add(mailbox.Account);
                    Perform(plan.OnDelivered(mailbox.Account, mailbox.Reply));
                    break;
                case Answer.Enqueued enqueued:
                    _isQueued = enqueued.Taken;
                    Perform(plan.OnEnqueued(enqueued.Taken));
                    break;
                case Answer.QueueUnavailable unavailable:
                    _mayBeQueued = unavailable.MayHaveIt;
                    Perform(plan.OnQueueUnavailable(unavailable.MayHaveIt));
                    break;
                case Answer.EnvelopeFailed:
                    Perform(plan.OnEnvelopeFailed());
                    break;
                case Answer.Timeout:
                    _mayBeQueued = _isQueueing;
                    _requested.Clear();
                    Perform(plan.OnTimeout());
                    break;
                case Answer.NodeLost:
                    Perform(plan.Repeat());
                    break;
            }
        }

        public void Check()
        {
            Assert.Equal(DeliveryState.Finished, plan.State);
            // Every recipient of an accepted message has it, or the queue will deliver it.
            if (Reply!.IsPositive) Assert.True(_isQueued || (remote == 0 && accounts.All(_stored.Contains)));
            if (_isQueued) Assert.Equal(accounts.Where(a => !_stored.Contains(a)).ToHashSet(), plan.Later.Keys.ToHashSet());
            // A refusal is temporary, and the client tries again, unless all recipients refuse.
            var isRejected = remote == 0 && accounts.Length > 0 && accounts.All(_refused.Contains);
            Assert.True(Reply.IsPositive || Reply.IsTransient || isRejected);
            // What the queue has or may have is not removed, what it cannot have is.
            Assert.Equal(!(_isQueued || _mayBeQueued), _finish!.RemovesContent);
            Assert.Equal(_mayBeQueued, _finish.RemovesEnvelope);
            // Late answers have no effect.
            foreach (var account in accounts) Assert.Empty(plan.OnDelivered(account, Stored));
            DeliveryStep[] late = [.. plan.OnEnqueued(true), .. plan.OnQueueUnavailable(true), .. plan.OnEnvelopeFailed(), .. plan.OnTimeout(), .. plan.Repeat()];
            Assert.Empty(late);
        }
    }
}
