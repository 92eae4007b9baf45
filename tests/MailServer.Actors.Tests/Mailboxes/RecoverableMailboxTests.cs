using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class RecoverableMailboxTests : IDisposable
{
    private readonly MailboxParts _parts = new();

    public RecoverableMailboxTests()
    {
        _parts.Mailbox.Open(null);
        _parts.Stage("kept");
        _parts.Staged.Commit();
    }

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_failure_that_is_not_damage_leaves_the_store_open()
    {
        var store = _parts.Mailbox.Store;
        Assert.False(_parts.Mailbox.Recover(new IOException("disk full"), "Test"));
        Assert.Same(store, _parts.Mailbox.Store);
        Assert.Equal(["opened"], _parts.Events);
    }

    [Fact]
    public void A_damaged_index_is_rebuilt_and_the_request_performed_again()
    {
        DamageAndReopen();
        var reply = Assert.Single(_parts.Request(Select, new MailboxParts.RecordingActor("session")));
        Assert.Equal([1u], Assert.IsType<MailboxReply.Selected>(reply).Folder.Uids.Span.ToArray());
        Assert.Equal(["opened", "opened", "closing", "opened"], _parts.Events);
        Assert.Contains(_parts.Problems.Current, static problem => problem.Text.Contains("index.db.damaged-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_store_that_cannot_be_opened_again_is_lost_and_reported()
    {
        DamageAndReopen();
        Directory.Move(_parts.Folder, _parts.Folder + ".moved");
        File.WriteAllText(_parts.Folder, "in the way");
        var reply = Assert.Single(_parts.Request(Select, new MailboxParts.RecordingActor("session")));
        Assert.Equal(MailboxRefusal.Unavailable, Assert.IsType<MailboxReply.Refused>(reply).Reason);
        Assert.Equal(["opened", "opened", "closing", "lost"], _parts.Events);
        Assert.False(_parts.Mailbox.IsOpen);
        _parts.Mailbox.ReportNotOpened(new IOException("in the way"));
        Assert.Contains(_parts.Problems.Current, static problem => problem.Text.Contains("cannot be opened", StringComparison.Ordinal));
    }

    private static MailboxRequest Select => new MailboxRequest.Select(FolderName.Inbox, ReadOnly: false);

    /// <summary>Overwrites the page of the index that lists the message, which is read when the folder is selected.</summary>
    private void DamageAndReopen()
    {
        const int pageSize = 4096;
        _parts.Mailbox.Dispose();
        var path = Path.Combine(_parts.Folder, "index.db");
        var octets = File.ReadAllBytes(path);
        var name = Path.GetFileName(Directory.GetFiles(Path.Combine(_parts.Folder, "INBOX", "cur")).Single()).Split(',')[0];
        var found = octets.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name));
        Assert.True(found >= pageSize, "the index does not list the message");
        octets.AsSpan(found / pageSize * pageSize, pageSize).Fill((byte)'x');
        File.WriteAllBytes(path, octets);
        _parts.Mailbox.Open(null);
    }
}
