using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>Several messages in one request: all are stored, or none.</summary>
public sealed class AppendAllTests : IDisposable
{
    private readonly TestMailbox _mailbox = new(Limits.Default with { FolderKeywords = 1 });

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void All_messages_are_stored_in_order_and_reported_in_one_change()
    {
        _mailbox.Look();
        var appended = _mailbox.Store.AppendAll(Name("INBOX"), [New("one"), New("two", "work"), New("three")]).Value;
        Assert.Equal([1u, 2, 3], appended.Reply.Uids.Select(u => u.Value));
        Assert.Equal([1u, 2, 3], Assert.Single(appended.Changes).Uids.Span.ToArray());
        Assert.Equal("two", _mailbox.Body(2)[9..12]);
        Assert.True(_mailbox.Flags(2).Keywords.Contains("work"));
    }

    [Fact]
    public void Nothing_is_stored_when_one_message_is_refused()
    {
        _mailbox.Deliver(Text("first"));
        _mailbox.Look();
        // The third message needs two keywords.
        Assert.Equal(MailboxRefusal.LimitReached, _mailbox.Store.AppendAll(Name("INBOX"), [New("one"), New("two", "a"), New("three", "a", "b")]).Refusal);
        _mailbox.Store.Quota = _mailbox.Store.Use.Used + 30;
        Assert.Equal(MailboxRefusal.OverQuota, _mailbox.Store.AppendAll(Name("INBOX"), [New("one"), New("two")]).Refusal);
        Assert.Equal(MailboxRefusal.NoSuchTarget, _mailbox.Store.AppendAll(Name("Nowhere"), [New("one")]).Refusal);
        Assert.Equal([1u], _mailbox.Uids());
        Assert.Single(_mailbox.Files());
        _mailbox.Store.Quota = null;
        Assert.Single(_mailbox.Store.AppendAll(Name("INBOX"), [New("one")]).Value.Reply.Uids);
        Assert.Equal(2, _mailbox.Uids().Length);
    }

    [Fact]
    public void Keywords_of_the_messages_before_count()
    {
        _mailbox.Look();
        Assert.Equal(MailboxRefusal.LimitReached, _mailbox.Store.AppendAll(Name("INBOX"), [New("one", "a"), New("two", "b")]).Refusal);
        Assert.Null(_mailbox.Store.Stage(Name("INBOX"), MessageFlags.None, null, _mailbox.Spooled(Text("three"))));
        Assert.Null(_mailbox.Store.Stage(Name("INBOX"), new MessageFlags(SystemFlags.None, KeywordSet.Of("a")), null, _mailbox.Spooled(Text("four"))));
        Assert.Equal(MailboxRefusal.LimitReached, _mailbox.Store.Stage(Name("INBOX"), new MessageFlags(SystemFlags.None, KeywordSet.Of("b")), null, _mailbox.Spooled(Text("five"))));
        _mailbox.Store.CommitStaged();
        Assert.Equal(["a"], _mailbox.Look().Keywords.Keywords);
    }

    private NewMessage New(string subject, params string[] keywords) => new(new MessageFlags(SystemFlags.None, KeywordSet.Of(keywords)), null, _mailbox.Spooled(Text(subject)));
}
