using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>A message replaces another one: both changes are stored, or none.</summary>
public sealed class ReplaceTests : IDisposable
{
    private readonly TestMailbox _mailbox = new(Limits.Default with { FolderKeywords = 1 });

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void A_message_is_replaced_in_its_folder()
    {
        _mailbox.Deliver(Text("first"));
        _mailbox.Deliver(Text("draft"));
        _mailbox.Look();
        var replaced = Replace(2, "INBOX", New("better")).Value;
        Assert.Equal(new Uid(3), replaced.Reply.Uid);
        Assert.Equal([1u, 3], replaced.Reply.Change.Uids.Span.ToArray());
        Assert.Equal([1u, 2, 3], Assert.Single(replaced.Changes).Uids.Span.ToArray());
        AssertContains("INBOX", "first", "better");
        _mailbox.Close();
        AssertContains("INBOX", "first", "better");
        Assert.Empty(_mailbox.Store.Check(repair: false).Problems);
        Assert.Equal(UidSet.Of((2u, 2u)).ToString(), _mailbox.Store.ListChanges(_mailbox.Inbox, new ModSeq(1), UidSet.All).Value.Vanished.ToString());
    }

    [Fact]
    public void A_message_of_another_folder_is_replaced()
    {
        _mailbox.Deliver(Text("draft"), "Drafts");
        var replaced = _mailbox.Store.Replace(new MailboxRequest.Replace(_mailbox.Id("Drafts"), new Uid(1), Name("Sent"), New("sent"))).Value;
        Assert.Empty(replaced.Reply.Change.Uids.Span.ToArray());
        Assert.Equal(_mailbox.Look("Sent").UidValidity, replaced.Reply.Validity);
        AssertContains("Drafts");
        AssertContains("Sent", "sent");
        Assert.Equal(1, _mailbox.Store.Status(Name("Sent")).Value.Messages);
        Assert.Equal(0, _mailbox.Store.Status(Name("Drafts")).Value.Messages);
        _mailbox.LoseIndex();
        AssertContains("Drafts");
        AssertContains("Sent", "sent");
    }

    [Fact]
    public void Nothing_changes_when_the_request_is_refused()
    {
        _mailbox.Deliver(Text("draft"));
        _mailbox.Look();
        Assert.Equal(MailboxRefusal.NoSuchMessage, Replace(2, "INBOX", New("better")).Refusal);
        Assert.Equal(MailboxRefusal.NoSuchTarget, Replace(1, "Nowhere", New("better")).Refusal);
        Assert.Equal(MailboxRefusal.LimitReached, Replace(1, "INBOX", New("better", "a", "b")).Refusal);
        // The octets of the replaced message count as free.
        _mailbox.Store.Quota = _mailbox.Store.Use.Used + 2;
        Assert.Equal(MailboxRefusal.OverQuota, Replace(1, "INBOX", New("much better")).Refusal);
        AssertContains("INBOX", "draft");
        Assert.False(Replace(1, "INBOX", New("better")).IsRefused);
        AssertContains("INBOX", "better");
    }

    [Theory]
    [InlineData("delivery: linked")]
    [InlineData("delivery: names durable")]
    [InlineData("delivery: committed")]
    public void A_crash_at_any_step_loses_no_message(string point)
    {
        _mailbox.Deliver(Text("draft"));
        _mailbox.Look();
        string? copy = null;
        _mailbox.Passing = passed => copy ??= passed == point ? _mailbox.Snapshot() : null;
        Assert.False(Replace(1, "INBOX", New("better")).IsRefused);
        _mailbox.Close();
        using var store = _mailbox.OpenAt(copy!);
        var inbox = store.Select(FolderName.Inbox, readOnly: true).Value.Folder;
        var subjects = store.Fetch(new MailboxRequest.Fetch(inbox.Id, inbox.Uids.Memory, FetchItems.Envelope, false)).Value.Rows
            .Select(r => System.Text.Encoding.ASCII.GetString(r.Envelope.Span)).ToList();
        Assert.Contains("(\"better\")", subjects);
        // Before the commit both are there, afterwards only the new one.
        Assert.Equal(point != "delivery: committed", subjects.Contains("(\"draft\")"));
    }

    [Fact]
    public void A_failure_undoes_everything()
    {
        _mailbox.Deliver(Text("draft"));
        _mailbox.Look();
        _mailbox.Passing = point =>
        {
            if (point == "delivery: names durable") throw new IOException("disk full");
        };
        Assert.Throws<IOException>(() => Replace(1, "INBOX", New("better")));
        _mailbox.Passing = null;
        AssertContains("INBOX", "draft");
        Assert.False(Replace(1, "INBOX", New("better")).IsRefused);
        AssertContains("INBOX", "better");
    }

    private MailboxResult<ReplaceOutcome> Replace(uint uid, string target, NewMessage message) =>
        _mailbox.Store.Replace(new MailboxRequest.Replace(_mailbox.Inbox, new Uid(uid), Name(target), message));

    private NewMessage New(string subject, params string[] keywords) => new(new MessageFlags(SystemFlags.None, KeywordSet.Of(keywords)), null, _mailbox.Spooled(Text(subject)));

    private void AssertContains(string folder, params string[] subjects)
    {
        Assert.Equal(subjects.Select(s => $"(\"{s}\")"), _mailbox.Fetch(folder, FetchItems.Envelope).Select(r => System.Text.Encoding.ASCII.GetString(r.Envelope.Span)));
        Assert.Equal(subjects.Length, _mailbox.Files(folder).Length);
        Assert.Equal(subjects.Sum(s => Text(s).Length), _mailbox.Store.Status(Name(folder)).Value.Size);
    }
}
