using System.IO.Compression;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;
using MailServer.Storage.Tests.SafeFiles;

namespace MailServer.Tests.Importing;

/// <summary>Everything in a Maildir is imported or refused by name, once, in bounded memory.</summary>
public sealed class MaildirSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maildir-").FullName;

    public MaildirSourceTests()
    {
        foreach (var part in new[] { "cur", "new", "tmp" }) Directory.CreateDirectory(Path.Combine(Root, part));
    }

    private string Root => Path.Combine(_folder, "Maildir");

    public static TheoryData<IrregularFile, string> IrregularEntries()
    {
        var table = new TheoryData<IrregularFile, string>();
        foreach (var odd in IrregularFiles.All)
            foreach (var part in new[] { "cur", "new" }) table.Add(odd, part);
        return table;
    }

    public void Dispose()
    {
        IrregularFiles.RemoveAll(_folder);
        Directory.Delete(_folder);
    }

    [Theory]
    [MemberData(nameof(IrregularEntries))]
    public async Task Other_files_among_the_messages_are_imported_or_refused_by_name(IrregularFile odd, string part)
    {
        Write("cur/1.good:2,S");
        var name = IrregularFiles.Put(odd, Path.Combine(Root, part), "1700000000.M1P1.odd", Path.Combine(_folder, "outside"));
        var found = await ReadAsync();
        // A directory is not a message, and files with a leading dot are not messages.
        var expected = odd is IrregularFile.Directory or IrregularFile.DotsInFront ? 1 : 2;
        Assert.Equal(expected, found.Count);
        if (expected == 1 || odd == IrregularFile.LongestName) Assert.DoesNotContain(found, static i => i is SourceRefusal);
        else Assert.Contains(odd == IrregularFile.NameThatIsNotUtf8 ? "1700000001.M" : name, Assert.Single(found.OfType<SourceRefusal>()).Where, StringComparison.Ordinal);
    }

    public enum LinkLoop
    {
        FolderToRoot,
        FolderToSibling,
        DirectoryToRoot,
        DirectoryToParent,
        NestedToRoot,
    }

    public static TheoryData<LinkLoop> Loops() => [.. Enum.GetValues<LinkLoop>()];

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task A_link_to_a_directory_inside_the_Maildir_imports_nothing_twice(LinkLoop loop)
    {
        Write("cur/1.good");
        Write(".Sub/cur/2.good");
        Write("plain/Deep/cur/3.good");
        var (link, target) = loop switch
        {
            LinkLoop.FolderToRoot => (".Loop", Root),
            LinkLoop.FolderToSibling => (".Other", Path.Combine(Root, ".Sub")),
            LinkLoop.DirectoryToRoot => ("loop", Root),
            LinkLoop.DirectoryToParent => ("plain/loop", Path.Combine(Root, "plain")),
            _ => ("plain/Deep/loop", Root),
        };
        Directory.CreateSymbolicLink(Path.Combine(Root, link), target);
        var found = await ReadAsync();
        Assert.Equal(["1.good", "2.good", "3.good"], found.Select(static i => Path.GetFileName(i.Where)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(found, static i => i is SourceRefusal);
    }

    [Theory]
    [InlineData(".Linked")]
    [InlineData("linked")]
    [InlineData(".Sub/cur")]
    [InlineData("plain/cur")]
    [InlineData("plain/Deep/new")]
    public async Task A_link_to_a_directory_elsewhere_is_refused_by_name(string link)
    {
        Write("cur/1.good");
        Write("plain/Deep/cur/2.good");
        var elsewhere = Path.Combine(_folder, "elsewhere");
        Directory.CreateDirectory(Path.Combine(elsewhere, "cur"));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Root, link))!);
        Directory.CreateSymbolicLink(Path.Combine(Root, link), elsewhere);
        var found = await ReadAsync();
        Assert.Equal(3, found.Count);
        Assert.Equal(Path.Combine(Root, link), Assert.Single(found.OfType<SourceRefusal>()).Where);
    }

    [Fact]
    public async Task A_Maildir_that_is_named_by_a_link_is_imported()
    {
        Write("cur/1.good");
        var link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, Root);
        Directory.CreateSymbolicLink(Path.Combine(Root, "loop"), Root);
        Assert.IsType<SourceMessage>(Assert.Single(await ReadAsync(link)));
    }

    [Fact]
    public async Task The_messages_of_a_folder_with_an_invalid_name_are_refused()
    {
        Write("cur/1.good");
        Write(".bad\u0001name/cur/2.bad");
        Write(".bad\u0001name/new/3.bad");
        var found = await ReadAsync();
        Assert.Equal(["2.bad", "3.bad"], found.OfType<SourceRefusal>().Select(static r => Path.GetFileName(r.Where)).Order(StringComparer.Ordinal));
        Assert.Single(found.OfType<SourceMessage>());
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_without_being_read()
    {
        Write("cur/1.good");
        var large = Path.Combine(Root, "cur", "2.large");
        await File.WriteAllTextAsync(large, "Message-ID: <large@b.example>\r\n\r\n");
        await using (var file = File.OpenWrite(large)) file.SetLength(8L * 1024 * 1024 * 1024);
        var before = GC.GetTotalAllocatedBytes();
        var found = await ReadAsync();
        Assert.True(GC.GetTotalAllocatedBytes() - before < 64 * 1024 * 1024);
        Assert.Equal("<large@b.example>", Assert.Single(found.OfType<SourceRefusal>()).MessageId);
        Assert.Single(found.OfType<SourceMessage>());
    }

    [Fact]
    public async Task Invalid_keywords_are_changed_and_lose_no_message()
    {
        Write("cur/1.good:2,Sab");
        await File.WriteAllTextAsync(Path.Combine(Root, "dovecot-keywords"), "0 $Work\n1 a(b)\nnonsense\n");
        var message = (SourceMessage)Assert.Single(await ReadAsync());
        Assert.Equal(["$Work", "a_b_"], message.Flags.Keywords.Keywords);
        Assert.Equal(SystemFlags.Seen, message.Flags.System);
    }

    public static TheoryData<string, byte[], string> Packed => new()
    {
        { "bzip2", [.. "BZh91AY&SY"u8], "compressed with bzip2" },
        { "xz", [0xFD, .. "7zXZ\0\0"u8], "compressed with xz" },
        { "zstd", [0x28, 0xB5, 0x2F, 0xFD, 0], "compressed with zstd" },
        { "lz4", [0x04, 0x22, 0x4D, 0x18, 0], "compressed with lz4" },
        { "Dovecot's lz4", [.. "Dovecot-LZ4\r\x2a\x9b\xc5"u8], "compressed with lz4" },
        { "Dovecot's mail_crypt", [.. "CRYPTED"u8, 3, 7, 2], "encrypted" },
        { "gzip that was cut off", Gzip("Subject: x\r\n\r\n" + Guid.NewGuid())[..40], "damaged" },
        { "gzip that is only begun", [0x1F, 0x8B], "damaged" },
        { "gzip of more than may be", Gzip(new string('x', 2_000_000)), "security.max_message_size" },
    };

    [Theory]
    [MemberData(nameof(Packed))]
    public async Task A_message_file_that_cannot_be_unpacked_is_refused_and_never_imported_as_it_is(string form, byte[] content, string expected)
    {
        Assert.NotEmpty(form);
        Write("cur/1.good:2,S");
        await File.WriteAllBytesAsync(Path.Combine(Root, "cur", "2.packed,S=100:2,S"), content);
        var found = await ReadAsync();
        Assert.Contains(expected, Assert.Single(found.OfType<SourceRefusal>()).Reason, StringComparison.Ordinal);
        Assert.Single(found.OfType<SourceMessage>());
    }

    [Theory]
    [InlineData("cur/1.packed,S=100:2,S")]
    [InlineData("new/1.packed,S=100")]
    [InlineData(".Archive/cur/1.packed:2,SZ")]
    public async Task A_message_file_that_is_compressed_with_gzip_is_imported_as_it_was(string name)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, Gzip("Subject: good\r\n\r\nx\r\n"));
        var message = (SourceMessage)Assert.Single(await ReadAsync());
        Assert.Equal("Subject: good\r\n\r\nx\r\n", Encoding.ASCII.GetString(message.Content.Span));
    }

    [Theory]
    [InlineData("cur/1.good")]
    [InlineData("new/1.good")]
    [InlineData(".Sub/cur/1.good")]
    [InlineData(".Sub/new/1.good")]
    [InlineData("plain/Deep/cur/1.good")]
    [InlineData("plain/Deep/new/1.good")]
    public async Task A_folder_is_imported_when_a_copy_has_left_out_its_empty_directories(string name)
    {
        foreach (var part in new[] { "cur", "new", "tmp" }) Directory.Delete(Path.Combine(Root, part));
        Write(name);
        Assert.IsType<SourceMessage>(Assert.Single(await ReadAsync()));
    }

    [Theory]
    [InlineData("1.host:2,FS", SystemFlags.Flagged | SystemFlags.Seen)]
    [InlineData("1.host,S=12,W=12:2,S", SystemFlags.Seen)]
    [InlineData("1.host;2,S", SystemFlags.Seen)]
    [InlineData("1.host!2,RS", SystemFlags.Answered | SystemFlags.Seen)]
    [InlineData("1.host_2,S", SystemFlags.Seen)]
    [InlineData("1.host-2,", SystemFlags.None)]
    [InlineData("1.host,S=12,W=12", SystemFlags.None)]
    [InlineData("1.M2_2,S=12,W=12", SystemFlags.None)]
    [InlineData("2,S", SystemFlags.None)]
    public async Task Flags_are_read_whatever_character_stands_for_the_colon(string name, SystemFlags flags)
    {
        Write("cur/" + name);
        Assert.Equal(flags, ((SourceMessage)Assert.Single(await ReadAsync())).Flags.System);
    }

    private static byte[] Gzip(string text)
    {
        using var output = new MemoryStream();
        using (var packing = new GZipStream(output, CompressionLevel.Fastest)) packing.Write(Encoding.ASCII.GetBytes(text));
        return output.ToArray();
    }

    private void Write(string name)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "Subject: good\r\n\r\nx\r\n");
    }

    private Task<List<SourceItem>> ReadAsync() => ReadAsync(Root);

    private static async Task<List<SourceItem>> ReadAsync(string root)
    {
        var found = new List<SourceItem>();
        await foreach (var item in new MaildirSource(root, 1_000_000).ReadAsync(CancellationToken.None)) found.Add(item);
        return found;
    }
}
