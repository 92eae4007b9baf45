using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class StagedMessagesTests : IDisposable
{
    private readonly MailboxParts _parts = new();

    public StagedMessagesTests() => _parts.Mailbox.Open(null);

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_burst_is_committed_once_and_each_sender_is_answered_after_the_commit()
    {
        var senders = Enumerable.Range(0, 20).Select(i => _parts.Stage($"burst {i}")).ToArray();
        Assert.IsType<CommitStagedMessages>(Assert.Single(_parts.Self.Received));
        Assert.All(senders, static sender => Assert.Empty(sender.Received));
        _parts.Staged.Commit();
        Assert.Equal(
            Enumerable.Range(1, 20).Select(static i => (uint)i),
            senders.Select(static sender => Assert.IsType<MailboxReply.Appended>(Assert.IsType<MailboxProtocol.Delivered>(Assert.Single(sender.Received)).Result).Uid.Value));
    }

    [Fact]
    public void The_number_of_messages_in_one_commit_is_limited()
    {
        var senders = Enumerable.Range(0, 501).Select(i => _parts.Stage($"many {i}", delivered: false)).ToArray();
        Assert.Equal(500, senders.Count(static sender => sender.Received is [MailboxReply.Appended]));
        Assert.Equal(2, _parts.Self.Received.Count);
    }

    [Fact]
    public void Watchers_hear_of_a_message_before_its_sender_is_answered()
    {
        var session = new MailboxParts.RecordingActor("session");
        _parts.Select(session);
        var sender = _parts.Stage("new", delivered: false);
        session.Received.Clear();
        _parts.Staged.Commit();
        Assert.IsType<MailboxChanged>(Assert.Single(session.Received));
        Assert.IsType<MailboxReply.Appended>(Assert.Single(sender.Received));
    }

    [Fact]
    public void Refused_messages_are_answered_once_and_not_stored_in_the_reply_to_another_commit()
    {
        var sender = _parts.Stage("refused", delivered: false);
        _parts.Staged.Refuse();
        _parts.Staged.Refuse();
        Assert.Equal(MailboxRefusal.Unavailable, Assert.IsType<MailboxReply.Refused>(Assert.Single(sender.Received)).Reason);
        _parts.Staged.Commit();
        Assert.Single(sender.Received);
    }

    [Fact]
    public void A_mailbox_that_is_not_open_refuses_each_message()
    {
        using var closed = new MailboxParts();
        var sender = closed.Stage("early", delivered: false);
        Assert.Equal(MailboxRefusal.Unavailable, Assert.IsType<MailboxReply.Refused>(Assert.Single(sender.Received)).Reason);
    }
}
