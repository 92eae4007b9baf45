using System.IO.Compression;
using System.Text;
using MailServer.Importing;

namespace MailServer.Tests.Importing;

/// <summary>Names in zip archives: marked as UTF-8, UTF-8 without the mark, and in the code page of old programs.</summary>
public sealed class ArchiveFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("archive-folder-").FullName;

    [Theory]
    [InlineData("mail/Entwürfe.mbox", 65001)]
    [InlineData("mail/Entwürfe.mbox", 437)]
    [InlineData("mail/Élan é.mbox", 437)]
    [InlineData("mail/下書き.mbox", 65001)]
    [InlineData("mail/Drafts.mbox", 437)]
    public void Names_without_the_mark_of_UTF_8_are_read(string name, int codePage) =>
        Assert.Equal([name], Unpack(WithoutMark(Zip("mail/" + new string('x', BytesOf(name, codePage).Length - 5)), BytesOf(name, codePage))));

    [Fact]
    public void Names_with_the_mark_of_UTF_8_are_read() => Assert.Equal(["mail/Entwürfe.mbox"], Unpack(Zip("mail/Entwürfe.mbox")));

    [Fact]
    public void A_refused_archive_leaves_no_directory()
    {
        Assert.Throws<InvalidDataException>(() => Unpack("no archive"u8.ToArray()));
        Assert.Empty(Directory.GetDirectories(_root));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] BytesOf(string name, int codePage) => codePage == 65001 ? Encoding.UTF8.GetBytes(name) : CodePagesEncodingProvider.Instance.GetEncoding(codePage)!.GetBytes(name);

    private static byte[] Zip(string name)
    {
        var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = new StreamWriter(zip.CreateEntry(name).Open(), Encoding.ASCII);
            entry.Write("From x\n\nx\n");
        }

        return content.ToArray();
    }

    /// <summary>Puts a name of the same length into an archive with one file, in the file's header and in the directory.</summary>
    private static byte[] WithoutMark(byte[] archive, byte[] name)
    {
        var place = Encoding.ASCII.GetBytes("mail/" + new string('x', name.Length - 5));
        for (var at = archive.AsSpan().IndexOf(place); at >= 0; at = archive.AsSpan().IndexOf(place)) name.CopyTo(archive, at);
        return archive;
    }

    private List<string> Unpack(byte[] archive)
    {
        var path = Path.Combine(_root, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        using var folder = ArchiveFolder.Unpack(archive, path, 10, 1_000, default);
        return [.. folder.Files()];
    }
}
