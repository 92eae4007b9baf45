using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MailboxFolderTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void Every_account_has_the_special_folders_from_the_start()
    {
        var folders = _mailbox.Store.Folders();
        Assert.Equal(["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"], folders.All.Select(f => f.Name.Value));
        Assert.Equal(FolderRole.Trash, folders.All.Single(f => f.Name.Value == "Trash").Role);
        Assert.Contains(FolderName.Inbox, folders.Subscriptions);
    }

    [Fact]
    public void A_removed_special_folder_does_not_come_back()
    {
        Assert.False(_mailbox.Store.DeleteFolder(Name("Junk")).IsRefused);
        _mailbox.Close();
        Assert.DoesNotContain(_mailbox.Store.Folders().All, f => f.Name.Value == "Junk");
    }

    [Fact]
    public void Creating_a_folder_creates_its_missing_parents()
    {
        Assert.Null(_mailbox.Store.CreateFolder(Name("A/b/cur"), FolderRole.None));
        Assert.Equal(MailboxRefusal.FolderExists, _mailbox.Store.CreateFolder(Name("A/b"), FolderRole.None));
        Assert.Equal(MailboxRefusal.IsInbox, _mailbox.Store.CreateFolder(Name("inbox"), FolderRole.None));
        Assert.True(System.IO.Directory.Exists(_mailbox.Directory("A/b/%63ur", "tmp")));
        _mailbox.Close();
        Assert.Contains(_mailbox.Store.Folders().All, f => f.Name.Value == "A/b/cur");
    }

    [Fact]
    public void Removing_a_folder_keeps_its_children_and_notifies_its_sessions()
    {
        _mailbox.Store.CreateFolder(Name("A/b"), FolderRole.None);
        _mailbox.Deliver(Text("x"), "A");
        _mailbox.Deliver(Text("y"), "A/b");
        var id = _mailbox.Id("A");
        var change = _mailbox.Store.DeleteFolder(Name("A")).Value;
        Assert.True(change.FolderRemoved);
        Assert.Equal(id, change.Folder);
        Assert.DoesNotContain(_mailbox.Store.Folders().All, f => f.Name.Value == "A");
        _mailbox.Close();
        Assert.DoesNotContain(_mailbox.Store.Folders().All, f => f.Name.Value == "A");
        Assert.Single(_mailbox.Uids("A/b"));
        Assert.Equal(MailboxRefusal.IsInbox, _mailbox.Store.DeleteFolder(FolderName.Inbox).Refusal);
        Assert.Equal(MailboxRefusal.NoSuchFolder, _mailbox.Store.DeleteFolder(Name("A")).Refusal);
    }

    [Fact]
    public void A_recreated_folder_has_another_id_and_UIDVALIDITY()
    {
        _mailbox.Store.CreateFolder(Name("A"), FolderRole.None);
        var before = _mailbox.Look("A");
        _mailbox.Store.DeleteFolder(Name("A"));
        _mailbox.LoseIndex();
        _mailbox.Store.CreateFolder(Name("A"), FolderRole.None);
        var after = _mailbox.Look("A");
        Assert.NotEqual(before.Id, after.Id);
        Assert.True(after.UidValidity.Value > before.UidValidity.Value);
    }

    [Fact]
    public void Renaming_moves_all_children_and_keeps_ids_and_uids()
    {
        _mailbox.Store.CreateFolder(Name("A/b/c"), FolderRole.None);
        var uid = _mailbox.Deliver(Text("deep"), "A/b/c");
        var id = _mailbox.Id("A/b/c");
        Assert.False(_mailbox.Store.RenameFolder(Name("A"), Name("X/Y")).IsRefused);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(id, _mailbox.Id("X/Y/b/c"));
            Assert.Equal([uid.Value], _mailbox.Uids("X/Y/b/c"));
            Assert.Equal(Text("deep"), _mailbox.Body(uid.Value, "X/Y/b/c"));
            Assert.False(System.IO.Directory.Exists(Path.Combine(_mailbox.Home, "A")));
            _mailbox.Close();
        }
    }

    [Theory]
    [InlineData("A", "A/b")]
    [InlineData("A/x", "A")]
    public void A_folder_may_be_renamed_into_itself_and_back_out(string from, string to)
    {
        _mailbox.Store.CreateFolder(Name("A/x/x"), FolderRole.None);
        if (to == "A") _mailbox.Store.DeleteFolder(Name("A"));
        var uid = _mailbox.Deliver(Text("deep"), "A/x/x");
        var outcome = _mailbox.Store.RenameFolder(Name(from), Name(to));
        Assert.False(outcome.IsRefused);
        var moved = to == "A" ? "A/x" : "A/b/x/x";
        _mailbox.Close();
        Assert.Equal(Text("deep"), _mailbox.Body(uid.Value, moved));
    }

    [Fact]
    public void Renaming_is_refused_if_the_target_exists_or_the_source_is_missing()
    {
        _mailbox.Store.CreateFolder(Name("A"), FolderRole.None);
        Assert.Equal(MailboxRefusal.FolderExists, _mailbox.Store.RenameFolder(Name("A"), Name("Sent")).Refusal);
        Assert.Equal(MailboxRefusal.FolderExists, _mailbox.Store.RenameFolder(Name("A"), Name("INBOX")).Refusal);
        Assert.Equal(MailboxRefusal.NoSuchFolder, _mailbox.Store.RenameFolder(Name("Nope"), Name("B")).Refusal);
        Assert.Equal(MailboxRefusal.LimitReached, _mailbox.Store.RenameFolder(Name("A"), Name(new string('ü', 200))).Refusal);
    }

    [Fact]
    public void Renaming_INBOX_moves_its_messages_and_leaves_it_empty()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Deliver(Text("2"));
        _mailbox.Look();
        var changes = _mailbox.Store.RenameFolder(FolderName.Inbox, Name("Old")).Value;
        Assert.Equal(0, changes[0].Uids.Count);
        Assert.Empty(_mailbox.Uids());
        Assert.Equal(2, _mailbox.Uids("Old").Length);
        Assert.Empty(_mailbox.Files());
    }

    [Fact]
    public void Subscriptions_survive_the_removal_of_folders_and_of_the_index()
    {
        Assert.Null(_mailbox.Store.Subscribe(Name("Gone/away"), true));
        _mailbox.Store.Subscribe(Name("Junk"), false);
        _mailbox.LoseIndex();
        var subscriptions = _mailbox.Store.Folders().Subscriptions;
        Assert.Contains(Name("Gone/away"), subscriptions);
        Assert.DoesNotContain(Name("Junk"), subscriptions);
    }

    [Fact]
    public void The_number_of_folders_is_limited()
    {
        using var small = new TestMailbox(Limits.Default with { Folders = 8 });
        Assert.Null(small.Store.CreateFolder(Name("1/2"), FolderRole.None));
        Assert.Equal(MailboxRefusal.LimitReached, small.Store.CreateFolder(Name("3"), FolderRole.None));
    }

    [Fact]
    public void A_folder_created_by_another_tool_appears_and_a_removed_one_disappears()
    {
        _mailbox.Store.CreateFolder(Name("Mine"), FolderRole.None);
        _mailbox.Deliver(Text("x"), "Mine");
        _mailbox.Close();
        System.IO.Directory.Delete(Path.Combine(_mailbox.Home, "Mine"), recursive: true);
        System.IO.Directory.CreateDirectory(_mailbox.Directory("Theirs"));
        File.WriteAllText(Path.Combine(_mailbox.Directory("Theirs"), "1.a.b:2,S"), Text("theirs"));
        Assert.DoesNotContain(_mailbox.Store.Folders().All, f => f.Name.Value == "Mine");
        Assert.Equal(SystemFlags.Seen, _mailbox.Fetch("Theirs").Single().Flags.System);
    }

    [Fact]
    public void A_copied_folder_directory_becomes_a_separate_folder()
    {
        var uid = _mailbox.Deliver(Text("x"), "Sent");
        _mailbox.Close();
        var copy = Path.Combine(_mailbox.Home, "Copy");
        System.IO.Directory.CreateDirectory(Path.Combine(copy, "cur"));
        File.Copy(Path.Combine(_mailbox.Home, "Sent", "folder.state"), Path.Combine(copy, "folder.state"));
        File.Copy(Path.Combine(_mailbox.Directory("Sent"), _mailbox.Files("Sent")[0]), Path.Combine(copy, "cur", _mailbox.Files("Sent")[0]));
        Assert.NotEqual(_mailbox.Id("Sent"), _mailbox.Id("Copy"));
        Assert.Equal([uid.Value], _mailbox.Uids("Sent"));
        Assert.Single(_mailbox.Uids("Copy"));
    }
}
