using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Scripts;

namespace MailServer.Storage.Tests.Scripts;

public sealed class ScriptFolderTests : IDisposable
{
    private readonly string _account = System.IO.Directory.CreateTempSubdirectory("scripts-").FullName;

    private string Folder => Path.Combine(_account, ScriptFolder.DirectoryName);

    [Fact]
    public void An_account_without_scripts_has_no_files()
    {
        var scripts = Open();
        Assert.Empty(scripts.List());
        Assert.Null(scripts.Active);
        Assert.Null(scripts.Read("main"));
        Assert.Null(scripts.Activate(null));
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(_account));
    }

    [Fact]
    public void A_script_is_stored_replaced_activated_and_read_by_another_owner()
    {
        var scripts = Open();
        Assert.Null(scripts.Put("main", "keep;"u8));
        Assert.Null(scripts.Put("main", "stop;"u8));
        Assert.Null(scripts.Activate("main"));
        Assert.Equal("main", scripts.Active);
        var found = Assert.Single(Open().List());
        Assert.Equal(("main", 5L, true, ScriptFolder.VersionOf("stop;"u8)), (found.Name, found.Size, found.IsActive, found.Version));
        Assert.Equal("stop;"u8.ToArray(), Open().Read("main"));
        Assert.Equal(["active", "main.sieve"], System.IO.Directory.GetFiles(Folder).Select(static f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_renamed_script_keeps_its_text_and_stays_active()
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Put("two", "stop;"u8);
        scripts.Activate("one");
        Assert.Equal(MailboxRefusal.NoSuchScript, scripts.Rename("three", "four"));
        Assert.Equal(MailboxRefusal.ScriptExists, scripts.Rename("one", "two"));
        Assert.Equal(MailboxRefusal.ScriptExists, scripts.Rename("one", "one"));
        Assert.Equal(MailboxRefusal.InvalidScriptName, scripts.Rename("one", "\n"));
        Assert.Null(scripts.Rename("one", "three"));
        Assert.Equal("three", Open().Active);
        Assert.Equal("keep;"u8.ToArray(), Open().Read("three"));
        Assert.Null(scripts.Rename("two", "four"));
        Assert.Equal("three", scripts.Active);
        Assert.Equal(["four", "three"], Open().List().Select(static s => s.Name));
    }

    [Fact]
    public void A_name_of_128_characters_of_any_kind_is_stored_listed_renamed_copied_and_removed()
    {
        var scripts = Open();
        var smile = string.Concat(Enumerable.Repeat("\U0001F600", 128));
        var other = string.Concat(Enumerable.Repeat("\U0001F601", 64));
        var slashes = new string('/', 128);
        var lookalike = "~" + new string('a', 64);
        foreach (var name in new[] { smile, slashes, lookalike }) Assert.Null(scripts.Put(name, "keep;"u8));
        Assert.Equal(MailboxRefusal.InvalidScriptName, scripts.Put(smile + "x", "keep;"u8));
        Assert.Null(scripts.Activate(smile));
        Assert.Null(scripts.Rename(smile, other));
        Assert.Equal(other, Open().Active);
        Assert.Equal(new[] { slashes, lookalike, other }.Order(StringComparer.Ordinal), Open().List().Select(static s => s.Name).Order(StringComparer.Ordinal));
        Assert.Empty(scripts.FindFaults());
        var copy = System.IO.Directory.CreateDirectory(Path.Combine(_account, "copy")).FullName;
        scripts.CopyTo(copy, static file => Assert.Fail(file));
        Assert.Equal(3, new ScriptFolder(copy, Limits.Default, sync: false).List().Count);
        Assert.Null(scripts.Activate(null));
        foreach (var name in new[] { other, slashes, lookalike }) Assert.Null(scripts.Delete(name));
        Assert.Empty(System.IO.Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("large")]
    [InlineData("link")]
    [InlineData("name")]
    [InlineData("active")]
    [InlineData("gone")]
    [InlineData("file in place of the folder")]
    public void Files_that_are_no_scripts_are_faults(string damage)
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Activate("one");
        Assert.Empty(scripts.FindFaults());
        if (damage == "large") File.WriteAllText(Path.Combine(Folder, "two.sieve"), new string('#', Limits.Default.ScriptSize + 1));
        if (damage == "link") File.CreateSymbolicLink(Path.Combine(Folder, "two.sieve"), Path.Combine(Folder, "one.sieve"));
        if (damage == "name") File.WriteAllText(Path.Combine(Folder, "%zz.sieve"), "keep;");
        if (damage == "active") File.WriteAllText(Path.Combine(Folder, "active"), "");
        if (damage == "gone") File.Delete(Path.Combine(Folder, "one.sieve"));
        if (damage == "file in place of the folder")
        {
            System.IO.Directory.Delete(Folder, recursive: true);
            File.WriteAllText(Folder, "");
        }

        Assert.StartsWith(Folder, Assert.Single(scripts.FindFaults()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_active_script_cannot_be_removed_and_another_one_can()
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Put("two", "keep;"u8);
        scripts.Activate("one");
        Assert.Equal(MailboxRefusal.ScriptIsActive, scripts.Delete("one"));
        Assert.Null(scripts.Delete("two"));
        Assert.Equal(MailboxRefusal.NoSuchScript, scripts.Delete("two"));
        Assert.Null(scripts.Activate(null));
        Assert.Null(scripts.Active);
        Assert.Null(scripts.Delete("one"));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("directory")]
    [InlineData("link")]
    [InlineData("file in place of the folder")]
    public void A_file_of_the_active_script_that_cannot_be_read_does_not_count_as_no_script(string damage)
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Activate("one");
        var active = Path.Combine(Folder, "active");
        File.Delete(active);
        if (damage == "empty") File.WriteAllText(active, "");
        if (damage == "garbage") File.WriteAllBytes(active, [0, 1, 2, 10]);
        if (damage == "directory") System.IO.Directory.CreateDirectory(active);
        if (damage == "link") File.CreateSymbolicLink(active, Path.Combine(Folder, "one.sieve"));
        if (damage == "file in place of the folder")
        {
            System.IO.Directory.Delete(Folder, recursive: true);
            File.WriteAllText(Folder, "");
        }

        Assert.Equal(ScriptFolder.Unknown, scripts.Active);
        Assert.Null(scripts.Read(ScriptFolder.Unknown));
        Assert.DoesNotContain(scripts.List(), static s => s.IsActive);
    }

    [Fact]
    public void A_missing_script_cannot_be_activated_and_the_active_one_stays()
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Activate("one");
        Assert.Equal(MailboxRefusal.NoSuchScript, scripts.Activate("two"));
        Assert.Equal("one", scripts.Active);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u2028b")]
    public void What_is_no_name_is_refused(string name)
    {
        Assert.Equal(MailboxRefusal.InvalidScriptName, Open().Put(name, "keep;"u8));
        Assert.Null(Open().Read(name));
    }

    [Fact]
    public void No_name_leads_out_of_the_folder()
    {
        foreach (var name in new[] { "..", ".", "../../x", "/etc/passwd", "a/b", "a\\b", "active", "CON", "x.sieve", "%2e" })
        {
            Assert.Null(Open().Put(name, "keep;"u8));
            Assert.Equal("keep;"u8.ToArray(), Open().Read(name));
        }

        Assert.Equal([Folder], System.IO.Directory.GetFileSystemEntries(_account));
        Assert.Empty(System.IO.Directory.GetDirectories(Folder));
        Assert.Equal(10, Open().List().Count);
    }

    [Fact]
    public void Every_name_round_trips() =>
        Gen.String[Gen.Char, 1, 60].Where(StoredScript.IsName).Sample(
            name =>
            {
                var scripts = Open();
                if (scripts.Put(name, "keep;"u8) is not null) return true;
                scripts.Activate(name);
                var isFound = scripts.List().Any(s => s.Name == name && s.IsActive) && Open().Active == name;
                scripts.Activate(null);
                return scripts.Delete(name) is null && isFound;
            },
            iter: 100,
            threads: 1);

    [Fact]
    public void Number_size_and_sum_are_bounded_and_replacing_counts_as_such()
    {
        var limits = Limits.Default with { Scripts = 2, ScriptSize = 10, ScriptOctets = 15 };
        var scripts = new ScriptFolder(_account, limits, sync: false);
        Assert.Equal(MailboxRefusal.ScriptTooLarge, scripts.Put("big", new byte[11]));
        Assert.Null(scripts.Put("one", new byte[10]));
        Assert.Equal(MailboxRefusal.LimitReached, scripts.Put("two", new byte[6]));
        Assert.Null(scripts.Put("two", new byte[5]));
        Assert.Null(scripts.Put("two", new byte[5]));
        Assert.Equal(MailboxRefusal.TooManyScripts, scripts.Put("three", new byte[1]));
    }

    [Fact]
    public void Links_and_strange_files_are_no_scripts()
    {
        Open().Put("main", "keep;"u8);
        File.WriteAllText(Path.Combine(_account, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(Folder, "linked.sieve"), Path.Combine(_account, "secret"));
        File.WriteAllText(Path.Combine(Folder, "notes.txt"), "x");
        File.WriteAllText(Path.Combine(Folder, "half.sieve.next"), "x");
        Assert.Equal(["main"], Open().List().Select(static s => s.Name));
        Assert.Null(Open().Read("linked"));
        Assert.Equal(MailboxRefusal.NoSuchScript, Open().Activate("linked"));
    }

    [Fact]
    public void A_change_of_the_active_script_by_hand_is_seen()
    {
        var scripts = Open();
        scripts.Put("one", "keep;"u8);
        scripts.Put("two", "keep;"u8);
        scripts.Activate("one");
        Assert.Equal("one", scripts.Active);
        Open().Activate("two");
        Assert.Equal("two", scripts.Active);
        File.Delete(Path.Combine(Folder, "active"));
        Assert.Null(scripts.Active);
    }

    [Fact]
    public void A_copy_of_the_mailbox_has_the_scripts()
    {
        using var mailbox = new TestMailbox();
        mailbox.Store.Scripts.Put("main", "keep;"u8);
        mailbox.Store.Scripts.Activate("main");
        var copy = Path.Combine(mailbox.Root, "copy");
        mailbox.Store.Copy(copy, new HashSet<string>());
        Assert.Equal(("main", true), (new ScriptFolder(copy, Limits.Default).List().Single().Name, new ScriptFolder(copy, Limits.Default).Active == "main"));
    }

    [Fact]
    public void A_mail_folder_may_have_the_name_of_the_directory()
    {
        using var mailbox = new TestMailbox();
        mailbox.Store.Scripts.Put("main", "keep;"u8);
        foreach (var name in new[] { "sieve", ".sieve" })
        {
            Assert.Null(mailbox.Store.CreateFolder(FolderName.Parse(name), FolderRole.None));
            mailbox.Deliver(TestMailbox.Text("in " + name), name);
        }

        Assert.Equal("main", Assert.Single(mailbox.Store.Scripts.List()).Name);
        Assert.Contains(mailbox.Store.Folders().All, static f => f.Name.Value == ".sieve");
    }

    public void Dispose() => System.IO.Directory.Delete(_account, recursive: true);

    private ScriptFolder Open() => new(_account, Limits.Default, sync: false);
}
