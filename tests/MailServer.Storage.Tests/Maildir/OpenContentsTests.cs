using System.Text;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Tests.Maildir;

/// <summary>More messages are readable at once than files may be open.</summary>
public sealed class OpenContentsTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("contents-").FullName;
    private readonly OpenContents _opened = new() { Most = 3 };

    public OpenContentsTests() => System.IO.Directory.CreateDirectory(Current);

    private string Current => Path.Combine(_folder, "cur");

    [Fact]
    public void All_stay_readable_and_only_some_are_open()
    {
        var contents = Enumerable.Range(1, 20).Select(Open).ToArray();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < contents.Length; i++) Assert.Equal($"message {i + 1}", Text(contents[i]));
            Assert.Equal(3, _opened.Count);
        }

        foreach (var content in contents) content.Dispose();
        Assert.Equal(0, _opened.Count);
        Assert.Throws<ObjectDisposedException>(() => Text(contents[0]));
    }

    [Fact]
    public void A_message_that_was_renamed_while_its_file_was_closed_is_found()
    {
        using var content = Open(1);
        content.CloseFile();
        File.Move(PathOf(1), PathOf(1) + "FS");
        Assert.Equal("message 1", Text(content));
    }

    [Fact]
    public void A_message_that_was_expunged_or_replaced_while_its_file_was_closed_cannot_be_read()
    {
        using var content = Open(1);
        File.Delete(PathOf(1));
        Assert.Equal("message 1", Text(content));
        content.CloseFile();
        Assert.Throws<FileNotFoundException>(() => Text(content));
        // The same name and length, but another file: the old one is kept, so that its inode is not used again.
        using var other = Open(2);
        other.CloseFile();
        File.Move(PathOf(2), Path.Combine(_folder, "kept"));
        File.WriteAllText(PathOf(2), "massage 2");
        Assert.Throws<FileNotFoundException>(() => Text(other));
    }

    [Fact]
    public async Task Many_readers_at_once_read_their_own_message()
    {
        var contents = Enumerable.Range(1, 12).Select(Open).ToArray();
        await Task.WhenAll(contents.Select((content, i) => Task.Run(() =>
        {
            for (var round = 0; round < 2_000; round++) Assert.Equal($"message {i + 1}", Text(content));
        })));
        Assert.InRange(_opened.Count, 1, 3);
        foreach (var content in contents) content.Dispose();
        Assert.Equal(0, _opened.Count);
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    private static string Text(FileContent content) => Encoding.ASCII.GetString(content.ReadRange(0, 100));

    private string PathOf(int number) => Path.Combine(Current, $"1.M{number}P3Q4.a,S=9,U={number}:2,");

    private FileContent Open(int number)
    {
        File.WriteAllText(PathOf(number), $"message {number}");
        return FileContent.TryOpen(PathOf(number), _opened)!;
    }
}
