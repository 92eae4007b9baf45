using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>Which calls reach the disk, and in which order: otherwise only a power cut would reveal a forgotten flush.</summary>
public sealed class DiskCallTests : IDisposable
{
    private static readonly MessageFlags Seen = new(SystemFlags.Seen);
    private readonly TestMailbox _mailbox = new(syncs: true);

    public DiskCallTests()
    {
        for (var i = 1; i <= 3; i++) _mailbox.Deliver(Text($"{i}"));
        // The first message reserves UIDs.
        _mailbox.Deliver(Text("sent"), "Sent");
        _mailbox.Store.Flush();
    }

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void A_delivery_syncs_the_folder_after_the_link()
    {
        var message = _mailbox.Spooled(Text("4"));
        Assert.Equal(
            ["link INBOX/cur", "sync INBOX/cur"],
            Calls(() =>
            {
                _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message);
                _mailbox.Store.CommitStaged();
            }));
    }

    [Fact]
    public void Store_renames_nothing_and_flush_renames_all_files_then_syncs_the_folder_once()
    {
        Assert.Empty(Calls(() => _mailbox.Store.Store(_mailbox.Inbox, [1, 2], FlagOperation.Add, Seen)));
        Assert.Equal(["rename INBOX/cur", "rename INBOX/cur", "sync INBOX/cur"], Calls(() => _mailbox.Store.Flush()));
        Assert.Empty(Calls(() => _mailbox.Store.Flush()));
    }

    [Fact]
    public void Expunge_removes_the_file_and_flush_syncs_the_folder()
    {
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Flush();
        Assert.Equal(["unlink INBOX/cur"], Calls(() => _mailbox.Store.Expunge(_mailbox.Inbox, null)));
        Assert.Equal(["sync INBOX/cur"], Calls(() => _mailbox.Store.Flush()));
        Assert.Equal(2, _mailbox.Files().Length);
    }

    [Fact]
    public void Move_syncs_the_target_before_it_changes_the_source()
    {
        Assert.Equal(["link Sent/cur", "sync Sent/cur", "unlink INBOX/cur"], Calls(() => _mailbox.Store.Copy(_mailbox.Inbox, [2], Name("Sent"), move: true)));
        Assert.Equal(["sync INBOX/cur"], Calls(() => _mailbox.Store.Flush()));
    }

    [Fact]
    public void A_file_of_another_tool_is_renamed_and_synced_before_it_is_announced()
    {
        File.WriteAllText(Path.Combine(_mailbox.Directory("INBOX", "new"), "1.x"), Text("dropped"));
        Assert.Equal(["rename INBOX/cur", "sync INBOX/cur"], Calls(() => _mailbox.Look()));
    }

    [Fact]
    public void A_noncanonical_file_name_is_corrected()
    {
        var file = _mailbox.Files()[0];
        File.Move(Path.Combine(_mailbox.Directory("INBOX"), file), Path.Combine(_mailbox.Directory("INBOX"), file + "SF"));
        Assert.Equal(["rename INBOX/cur"], Calls(() => _mailbox.Look()));
        Assert.EndsWith(":2,FS", _mailbox.Files()[0], StringComparison.Ordinal);
        Assert.Equal(["sync INBOX/cur"], Calls(() => _mailbox.Store.Flush()));
        Assert.Equal(SystemFlags.Flagged | SystemFlags.Seen, _mailbox.Flags(1).System);
    }

    [Fact]
    public void A_file_of_an_expunged_message_is_removed_after_a_crash()
    {
        var file = Path.Combine(_mailbox.Directory("INBOX"), _mailbox.Files()[1]);
        var octets = File.ReadAllBytes(file);
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        File.WriteAllBytes(file, octets);
        Assert.Equal(["unlink INBOX/cur"], Calls(() => _mailbox.Store.ScanFolder(_mailbox.Inbox)));
        Assert.Equal(["sync INBOX/cur"], Calls(() => _mailbox.Store.Flush()));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_new_folder_is_synced_up_to_the_mailbox_directory()
    {
        var calls = Calls(() => _mailbox.Store.CreateFolder(Name("A/b"), FolderRole.None));
        foreach (var level in new[] { "sync A/b", "sync A", "sync ." }) Assert.Contains(level, calls);
    }

    [Fact]
    public void An_orderly_close_flushes_pending_changes_first()
    {
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, Seen);
        Assert.Equal(["rename INBOX/cur", "sync INBOX/cur"], Calls(_mailbox.Close));
    }

    /// <summary>The operation and its directory.</summary>
    private List<string> Calls(Action action)
    {
        _ = _mailbox.Store;
        var calls = new List<string>();
        Posix.Watcher.Value = (call, path) =>
            calls.Add($"{call} {Path.GetRelativePath(_mailbox.Home, call == "sync" ? path : Path.GetDirectoryName(path)!)}");
        action();
        Posix.Watcher.Value = null;
        return calls;
    }
}
