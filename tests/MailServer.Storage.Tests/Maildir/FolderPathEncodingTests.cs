using System.Reflection;
using CsCheck;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Tests.Maildir;

public sealed class FolderPathEncodingTests
{
    [Theory]
    [InlineData("INBOX", "INBOX")]
    [InlineData("cur", "%63ur")]
    [InlineData("folder.state", "%66older.state")]
    [InlineData("index.db", "%69ndex.db")]
    [InlineData("index.db-wal", "%69ndex.db-wal")]
    [InlineData("dav.db", "%64av.db")]
    [InlineData(".hidden", "%2Ehidden")]
    [InlineData("100%", "100%25")]
    [InlineData("trailing ", "trailing%20")]
    [InlineData("Entwürfe", "Entwürfe")]
    [InlineData("with space", "with space")]
    public void Reserved_names_are_escaped(string level, string directory)
    {
        Assert.Equal(directory, FolderPathEncoding.Escape(level));
        Assert.Equal(level, FolderPathEncoding.Unescape(directory));
    }

    [Theory]
    [InlineData("cur")]
    [InlineData(".git")]
    [InlineData("50%")]
    [InlineData("%zz")]
    [InlineData("%41")]
    public void Directory_names_that_no_level_produces_are_ignored(string directory) => Assert.Null(FolderPathEncoding.Unescape(directory));

    [Fact]
    public void Every_level_round_trips_through_its_directory_name() =>
        Gen.String[Gen.Char, 1, 40].Where(s => FolderName.TryParse(s, out var n) && n.Levels.Count == 1 && n.Value == s).Sample(level =>
        {
            var directory = FolderPathEncoding.Escape(level);
            return FolderPathEncoding.Unescape(directory) == level && !directory.Contains('/', StringComparison.Ordinal) && directory[0] != '.';
        });

    [Fact]
    public void The_files_that_the_server_keeps_beside_the_folders_are_no_folder_names()
    {
        using var mailbox = new TestMailbox();
        mailbox.Deliver(TestMailbox.Text("first"));
        mailbox.Store.Subscribe(FolderName.Parse("Old"), subscribed: true);
        var written = System.IO.Directory.GetFiles(mailbox.Home).Concat(System.IO.Directory.GetFiles(mailbox.Directory("INBOX", "."))).Select(static f => Path.GetFileName(f)!);
        // The calendars of an account lie beside its folders, too.
        var named = typeof(FolderState).Assembly.GetTypes().Where(static t => t.Namespace is "MailServer.Storage.Collections" or "MailServer.Storage.Maildir")
            .Select(static t => t.GetField("FileName", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetRawConstantValue() as string).OfType<string>().ToArray();
        Assert.Contains("dav.exists", named);
        foreach (var name in written.Concat(named).Append("dav.db").Distinct(StringComparer.Ordinal).Where(static n => n[0] != '.'))
            foreach (var file in new[] { name, name + ".next" }) Assert.True(FolderPathEncoding.Unescape(file) is null, file);
    }

    [Fact]
    public void A_level_too_long_for_a_directory_has_no_path()
    {
        Assert.Null(FolderPathEncoding.PathOf(FolderName.Parse(new string('ü', 128))));
        Assert.NotNull(FolderPathEncoding.PathOf(FolderName.Parse(new string('ü', 127))));
    }
}
