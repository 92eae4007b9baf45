using System.Diagnostics;
using MailServer.Storage.Maildir;
using MailServer.Storage.Wire;

namespace MailServer.Storage.Tests.Maildir;

/// <summary>References received from another node lead to message files only.</summary>
public sealed class SharedMessageContentTests : IDisposable
{
    private const string Name = "1.M2P3Q4.a,S=5,U=7:2,S";

    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("reference-").FullName;

    public SharedMessageContentTests()
    {
        foreach (var folder in new[] { "maildir/user_1/INBOX/cur", "maildir/user_1/INBOX/new", "maildir/user_1/Archive/2026/cur", "spool", "elsewhere/cur", "wire" })
            System.IO.Directory.CreateDirectory(Path.Combine(_root, folder));
        File.WriteAllText(Path.Combine(_root, "secret"), "12345");
        File.WriteAllText(Path.Combine(_root, "elsewhere/cur", Name), "12345");
        File.WriteAllText(Path.Combine(_root, "maildir/user_1/dav.db"), "12345");
    }

    private string Maildirs => Path.Combine(_root, "maildir");

    public static TheoryData<string> Hostile => new(
        "", "/", "/etc/passwd", "//etc/passwd", "..", "../secret", "user_1/../../secret", "user_1/INBOX/cur/../../../../secret", "user_1/INBOX/../../../elsewhere/cur/" + Name,
        "./user_1/INBOX/cur/" + Name, "user_1//INBOX/cur/" + Name, "user_1/INBOX/cur/", "user_1/INBOX/cur/.", "user_1/INBOX/cur/..", "user_1/INBOX/cur", "user_1/dav.db",
        "user_1/index.db", "user_1/cur/dav.db", "user_1/INBOX/tmp/x", "user_1/INBOX/x", "user_/INBOX/cur/x", "user_x/INBOX/cur/x", "user_1x/INBOX/cur/x", "users/INBOX/cur/x", "mail.db",
        "user_1/INBOX/cur/a\0b", "../spool/x", "../wire/x", "user_1/INBOX/cur/x/y", "~/x/cur/y");

    [Theory]
    [InlineData("user_1/INBOX/cur/" + Name)]
    [InlineData("user_1/INBOX/new/" + Name)]
    [InlineData("user_1/Archive/2026/cur/" + Name)]
    public void A_message_is_opened_and_read(string path)
    {
        File.WriteAllText(Path.Combine(Maildirs, path), "12345");
        using var reference = new SharedMessageContent(Maildirs, path, 5);
        Assert.True(reference.TryOpen());
        Assert.Equal("12345", System.Text.Encoding.ASCII.GetString(reference.ReadRange(0, 5)));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_path_that_no_store_creates_is_refused_before_anything_is_opened(string path) =>
        Assert.Throws<InvalidDataException>(() => new SharedMessageContent(Maildirs, path, 5));

    [Fact]
    public void A_link_a_FIFO_a_directory_or_a_file_of_another_length_is_refused()
    {
        var folder = Path.Combine(Maildirs, "user_1/INBOX/cur");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(_root, "secret"));
        File.CreateSymbolicLink(Path.Combine(folder, "dangling"), Path.Combine(_root, "none"));
        System.IO.Directory.CreateDirectory(Path.Combine(folder, "directory"));
        using (var made = Process.Start("mkfifo", [Path.Combine(folder, "fifo")])) made.WaitForExit();
        File.WriteAllText(Path.Combine(folder, Name), "123456");
        foreach (var name in new[] { "link", "dangling", "directory", "fifo", Name, "none" })
        {
            using var reference = new SharedMessageContent(Maildirs, "user_1/INBOX/cur/" + name, 5);
            Assert.False(reference.TryOpen(), name);
        }
    }

    [Fact]
    public void A_message_with_changed_flags_is_found()
    {
        File.WriteAllText(Path.Combine(Maildirs, "user_1/INBOX/cur", Name.Replace(":2,S", ":2,FS", StringComparison.Ordinal)), "12345");
        using var reference = new SharedMessageContent(Maildirs, "user_1/INBOX/cur/" + Name, 5);
        Assert.True(reference.TryOpen());
    }

    [Fact]
    public void A_negative_length_is_refused() => Assert.Throws<InvalidDataException>(() => new SharedMessageContent(Maildirs, "user_1/INBOX/cur/" + Name, -1));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void A_large_message_is_a_file_in_the_folder_for_large_messages(string name) =>
        Assert.Throws<InvalidDataException>(() => LargeMessageStore.Open(Path.Combine(_root, "wire"), "a").Take(name));

    [Fact]
    public void A_large_message_behind_a_link_or_a_FIFO_is_refused()
    {
        var wire = Path.Combine(_root, "wire");
        File.CreateSymbolicLink(Path.Combine(wire, "link"), Path.Combine(_root, "secret"));
        using (var made = Process.Start("mkfifo", [Path.Combine(wire, "fifo")])) made.WaitForExit();
        var messages = LargeMessageStore.Open(wire, "a");
        foreach (var name in new[] { "link", "fifo", "none" }) Assert.ThrowsAny<IOException>(() => messages.Take(name));
        Assert.Equal("12345"u8.ToArray(), messages.Take(messages.Put("12345"u8)));
    }

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);
}
