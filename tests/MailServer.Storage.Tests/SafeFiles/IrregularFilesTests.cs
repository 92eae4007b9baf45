using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Messages;
using MailServer.Storage.Backup;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Tests.SafeFiles;

/// <summary>
/// Irregular entries in the place of a message: nothing blocks, nothing outside is read or moved, and the other messages are served.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class IrregularFilesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestMailbox _mailbox = new();

    private string Outside => Path.Combine(_mailbox.Root, "outside");

    public static TheoryData<IrregularFile, string> InFolders() => Combine("new", "cur");

    public static TheoryData<IrregularFile, string> InPlaceOfParts() => Combine("cur", "new", "tmp", "folder.state");

    public static TheoryData<IrregularFile> Kinds() => [.. IrregularFiles.All];

    public void Dispose()
    {
        _mailbox.Close();
        IrregularFiles.RemoveAll(_mailbox.Root);
        _mailbox.Dispose();
    }

    [Theory]
    [MemberData(nameof(InFolders))]
    public async Task A_folder_with_an_irregular_file_is_served_without_it(IrregularFile odd, string part)
    {
        _mailbox.Deliver(TestMailbox.Text("good"));
        _mailbox.Close();
        IrregularFiles.Put(odd, _mailbox.Directory("INBOX", part), "1700000000.M1P1.odd", Outside);
        await InTime(() =>
        {
            var uids = _mailbox.Uids();
            Assert.Contains("good", string.Concat(uids.Select(u => _mailbox.Body(u))), StringComparison.Ordinal);
            Assert.InRange(uids.Length, 1, IrregularFiles.IsMessage(odd) ? 2 : 1);
            _mailbox.LoseIndex();
            Assert.Contains("good", string.Concat(_mailbox.Uids().Select(u => _mailbox.Body(u))), StringComparison.Ordinal);
            var copied = Path.Combine(_mailbox.Root, "copied");
            _mailbox.Store.Copy(copied, new HashSet<string>());
            Assert.False(IrregularFiles.Leaked(copied));
        });
        AssertOutsideIsUntouched(odd);
    }

    [Theory]
    [MemberData(nameof(InFolders))]
    public async Task A_message_whose_file_was_replaced_by_an_irregular_one_is_not_read(IrregularFile odd, string part)
    {
        if (IrregularFiles.IsMessage(odd) || part == "new") return;
        _mailbox.Deliver(TestMailbox.Text("good"));
        var replaced = _mailbox.Deliver(TestMailbox.Text("replaced"));
        var file = _mailbox.Files().Single(f => f.Contains($",U={replaced.Value}", StringComparison.Ordinal));
        File.Delete(Path.Combine(_mailbox.Directory("INBOX"), file));
        IrregularFiles.Put(odd, _mailbox.Directory("INBOX"), file, Outside);
        await InTime(() =>
        {
            try
            {
                Assert.DoesNotContain(IrregularFiles.Secret, _mailbox.Body(replaced.Value), StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or NullReferenceException)
            {
                // The message is not there.
            }

            Assert.Contains("good", _mailbox.Body(1), StringComparison.Ordinal);
        });
        AssertOutsideIsUntouched(odd);
    }

    [Theory]
    [MemberData(nameof(InPlaceOfParts))]
    public async Task A_folder_with_an_irregular_part_is_left_out_and_the_others_are_served(IrregularFile odd, string part)
    {
        _mailbox.Deliver(TestMailbox.Text("good"));
        _mailbox.Close();
        var folder = Path.Combine(_mailbox.Home, "Odd");
        foreach (var each in new[] { "cur", "new", "tmp" }.Where(each => each != part)) System.IO.Directory.CreateDirectory(Path.Combine(folder, each));
        IrregularFiles.Put(odd, folder, part, Outside);
        await InTime(() =>
        {
            Assert.Contains("good", _mailbox.Body(1), StringComparison.Ordinal);
            foreach (var found in _mailbox.Store.Folders().All) _mailbox.Uids(found.Name.Value);
        });
        AssertOutsideIsUntouched(odd);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_unusual_folder_name_does_not_prevent_opening_the_mailbox(IrregularFile odd)
    {
        _mailbox.Deliver(TestMailbox.Text("good"));
        _mailbox.Close();
        System.IO.Directory.CreateDirectory(Path.Combine(Outside, "cur"));
        File.WriteAllText(Path.Combine(Outside, "cur", "1.x"), $"Subject: {IrregularFiles.Secret}\r\n\r\n");
        IrregularFiles.Put(odd, _mailbox.Home, "Odd", Outside);
        await InTime(() =>
        {
            Assert.Contains("good", _mailbox.Body(1), StringComparison.Ordinal);
            if (odd == IrregularFile.LinkToDirectory) Assert.DoesNotContain(_mailbox.Store.Folders().All, f => f.Name.Value == "Odd");
        });
        Assert.True(File.Exists(Path.Combine(Outside, "cur", "1.x")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_irregular_file_in_the_spool_is_neither_read_nor_waited_for(IrregularFile odd)
    {
        var good = _mailbox.Spooled(TestMailbox.Text("good"));
        var name = IrregularFiles.Put(odd, _mailbox.SpoolDirectory, "1700000000.M1P1Q1.test", Outside);
        await InTime(() =>
        {
            var id = new SpoolId(name);
            Assert.Contains(good.Id, _mailbox.Spool.List());
            if (!IrregularFiles.IsMessage(odd)) Assert.ThrowsAny<Exception>(() => _mailbox.Spool.Open(id).Dispose());
            if (odd != IrregularFile.LongestName) _mailbox.Spool.SetAside(id);
            else Assert.DoesNotContain(id, _mailbox.Spool.List());
            using var content = _mailbox.Spool.Open(good.Id);
            Assert.True(content.Length > 0);
        });
        AssertOutsideIsUntouched(odd);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_irregular_envelope_file_is_neither_read_nor_written_through(IrregularFile odd)
    {
        if (IrregularFiles.IsMessage(odd)) return;
        var good = _mailbox.Spooled(TestMailbox.Text("good"));
        IrregularFiles.Put(odd, _mailbox.SpoolDirectory, good.Id.Value + ".envelope", Outside);
        await InTime(() =>
        {
            Assert.ThrowsAny<IOException>(() => _mailbox.Spool.Envelopes.Read(good.Id));
            _mailbox.Spool.Envelopes.Append(good.Id, "written"u8);
            if (odd != IrregularFile.Directory) _mailbox.Spool.Envelopes.Write(good.Id, "written"u8);
        });
        AssertOutsideIsUntouched(odd);
        if (odd != IrregularFile.Directory) Assert.Equal("written", Encoding.ASCII.GetString(_mailbox.Spool.Envelopes.Read(good.Id)!));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_restore_never_reads_outside_a_backup_with_an_irregular_file(IrregularFile odd)
    {
        var backup = System.IO.Directory.CreateDirectory(Path.Combine(_mailbox.Root, "backup")).FullName;
        var inbox = System.IO.Directory.CreateDirectory(Path.Combine(backup, "maildir", "user_7", "INBOX", "cur")).FullName;
        var name = IrregularFiles.Put(odd, inbox, "1.M1P1.odd", Outside);
        await File.WriteAllTextAsync(Path.Combine(backup, "MANIFEST"), $"{Convert.ToHexStringLower(SHA256.HashData([]))} 0 maildir/user_7/INBOX/cur/{name}\nend 1\n");
        var target = Path.Combine(_mailbox.Root, "restored");
        var places = new BackupPaths { DataDirectory = target, MaildirDirectory = Path.Combine(target, "maildir"), DatabaseFile = Path.Combine(target, "mail.db") };
        await InTime(() =>
        {
            BackupVerifier.Verify(backup, null, default);
            try
            {
                new BackupRestorer(backup, places).RestoreAccount(new AccountId(7), new AccountId(8), skipDamaged: true, null, default);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Assert.False(IrregularFiles.IsMessage(odd) && odd != IrregularFile.NameThatIsNotUtf8, e.Message);
            }
        });
        Assert.False(IrregularFiles.Leaked(target));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData(".")]
    public void No_name_escapes_from_its_folder(string name)
    {
        File.WriteAllText(Path.Combine(System.IO.Directory.CreateDirectory(_mailbox.Root).FullName, "secret"), IrregularFiles.Secret);
        var root = System.IO.Directory.CreateDirectory(Path.Combine(_mailbox.Root, "in")).FullName;
        System.IO.Directory.CreateDirectory(Path.Combine(root, "a"));
        Assert.Throws<NotRegularFileException>(() => SafeFileReader.OpenBeneath(root, name).Dispose());
    }

    [Fact]
    public void A_link_in_the_middle_of_a_name_is_not_followed()
    {
        var root = System.IO.Directory.CreateDirectory(Path.Combine(_mailbox.Root, "in")).FullName;
        IrregularFiles.Put(IrregularFile.LinkToDirectory, root, "a", Outside);
        Assert.Throws<NotRegularFileException>(() => SafeFileReader.OpenBeneath(root, "a/1700000009.M1P1.secret").Dispose());
    }

    private static TheoryData<IrregularFile, string> Combine(params string[] places)
    {
        var table = new TheoryData<IrregularFile, string>();
        foreach (var odd in IrregularFiles.All)
            foreach (var place in places) table.Add(odd, place);
        return table;
    }

    private static Task InTime(Action work) => Task.Run(work).WaitAsync(Patience);

    private void AssertOutsideIsUntouched(IrregularFile odd)
    {
        Assert.True(File.Exists(Path.Combine(Outside, "1700000009.M1P1.secret")), $"{odd}: a file of somebody else was moved away");
        Assert.False(IrregularFiles.Leaked(_mailbox.Home));
        Assert.False(IrregularFiles.Leaked(_mailbox.SpoolDirectory));
    }
}
