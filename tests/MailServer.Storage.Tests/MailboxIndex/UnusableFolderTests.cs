using MailServer.Domain.Mailboxes;
using MailServer.Storage.Tests.SafeFiles;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>
/// A folder of which a part was replaced by a link, a FIFO or anything else cannot be used, and its name stays taken: nothing is created over its mail, nothing
/// of it is removed, and it is as before when the part is back.
/// </summary>
public sealed class UnusableFolderTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    private string Outside => Path.Combine(_mailbox.Root, "outside");

    public static TheoryData<string, string, IrregularFile> Cells()
    {
        var cells = new TheoryData<string, string, IrregularFile>();
        foreach (var folder in new[] { "INBOX", "Work" })
            foreach (var part in new[] { "", "cur", "new", "tmp", "folder.state" })
                foreach (var odd in IrregularFiles.All.Where(o => !IrregularFiles.IsMessage(o) && (o != IrregularFile.Directory || part == "folder.state"))) cells.Add(folder, part, odd);
        return cells;
    }

    public void Dispose()
    {
        _mailbox.Close();
        IrregularFiles.RemoveAll(_mailbox.Root);
        _mailbox.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_name_of_an_unusable_folder_stays_taken_and_its_mail_stays(string folder, string part, IrregularFile odd)
    {
        _mailbox.Store.CreateFolder(Name("Work"), FolderRole.None);
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"), folder, new MessageFlags(SystemFlags.Flagged));
        _mailbox.Deliver(Text("elsewhere"), "Sent");
        var before = _mailbox.Look(folder);
        _mailbox.Close();
        var place = Path.Combine(_mailbox.Home, folder, part).TrimEnd('/');
        var kept = Path.Combine(_mailbox.Root, "kept");
        System.IO.Directory.Move(place, kept);
        IrregularFiles.Put(odd, Path.GetDirectoryName(place)!, Path.GetFileName(place), Outside);
        var found = Files();

        AssertRefused(folder);
        Assert.Equal([1u], _mailbox.Uids("Sent"));
        Assert.Contains(_mailbox.Store.UnusableFolders, r => r.Contains(place, StringComparison.Ordinal));
        _mailbox.Close();
        AssertRefused(folder);
        _mailbox.Close();
        Assert.Equal(found, Files());

        Remove(place);
        System.IO.Directory.Move(kept, place);
        var after = _mailbox.Look(folder);
        Assert.Equal((before.Id, before.UidValidity), (after.Id, after.UidValidity));
        Assert.Equal(before.Uids.Span.ToArray(), after.Uids.Span.ToArray());
        Assert.All(_mailbox.Fetch(folder), r => Assert.Equal(SystemFlags.Flagged, r.Flags.System));
        Assert.Empty(_mailbox.Store.UnusableFolders);
    }

    [Fact]
    public void A_folder_that_is_created_where_files_lie_contains_them()
    {
        _mailbox.Deliver(Text("first"));
        System.IO.Directory.CreateDirectory(Path.Combine(_mailbox.Home, "Late", "new"));
        File.WriteAllText(Path.Combine(_mailbox.Home, "Late", "new", "1700000000.M1P1.host"), Text("left behind"));
        Assert.Null(_mailbox.Store.CreateFolder(Name("Late"), FolderRole.None));
        Assert.Equal([1u], _mailbox.Uids("Late"));
        Assert.Contains("left behind", _mailbox.Body(1, "Late"), StringComparison.Ordinal);
    }

    private void AssertRefused(string folder)
    {
        var store = _mailbox.Store;
        var (name, message) = (Name(folder), _mailbox.Spooled(Text("new")));
        Assert.Throws<IOException>(() => store.Select(name, readOnly: false));
        Assert.Throws<IOException>(() => store.Status(name));
        Assert.Throws<IOException>(() => store.Stage(name, MessageFlags.None, null, message));
        Assert.Throws<IOException>(() => store.Copy(_mailbox.Id("Sent"), [1u], name, move: true));
        if (!name.IsInbox)
        {
            Assert.Throws<IOException>(() => store.CreateFolder(name, FolderRole.None));
            Assert.Throws<IOException>(() => store.CreateFolder(Name(folder + "/below"), FolderRole.None));
            Assert.Throws<IOException>(() => store.DeleteFolder(name));
            Assert.Throws<IOException>(() => store.RenameFolder(name, Name("Elsewhere")));
            Assert.Throws<IOException>(() => store.RenameFolder(Name("Archive"), name));
        }

        _mailbox.Spool.Remove(message.Id);
    }

    /// <summary>The files of all folders; state that the server writes beside them may change.</summary>
    private string[] Files() =>
    [
        .. System.IO.Directory.GetDirectories(_mailbox.Root).Where(d => Path.GetFileName(d) is "user_7" or "kept" or "outside")
            .SelectMany(static d => System.IO.Directory.GetFileSystemEntries(d, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            .Where(static f => !Path.GetFileName(f).StartsWith("index.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static void Remove(string path)
    {
        if (System.IO.Directory.Exists(path) && new FileInfo(path).LinkTarget is null) System.IO.Directory.Delete(path);
        else File.Delete(path);
    }
}
