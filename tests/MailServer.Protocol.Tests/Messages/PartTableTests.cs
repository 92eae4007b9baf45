using System.Buffers;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>The example of RFC 9051 §6.4.5.1 with made-up lengths: every header is 10 octets, its body follows.</summary>
public sealed class PartTableTests
{
    private static readonly byte[] Example = Table(
        (PartKind.Multipart, 4, 0, 10, 1000), // HEADER, TEXT
        (PartKind.Leaf, 0, 20, 30, 100), // 1
        (PartKind.Leaf, 0, 140, 150, 100), // 2
        (PartKind.Message, 1, 260, 270, 200), // 3
        (PartKind.Multipart, 2, 270, 280, 190), // 3.HEADER, 3.TEXT
        (PartKind.Leaf, 0, 290, 300, 50), // 3.1
        (PartKind.Leaf, 0, 360, 370, 50), // 3.2
        (PartKind.Multipart, 2, 480, 490, 400), // 4
        (PartKind.Leaf, 0, 500, 510, 40), // 4.1
        (PartKind.Message, 1, 560, 570, 300), // 4.2
        (PartKind.Leaf, 0, 570, 580, 290)); // 4.2.HEADER, 4.2.TEXT, 4.2.1

    [Theory]
    [InlineData("", SectionText.None, 0, 1010)]
    [InlineData("", SectionText.Header, 0, 10)]
    [InlineData("", SectionText.Text, 10, 1000)]
    [InlineData("1", SectionText.None, 30, 100)]
    [InlineData("1", SectionText.Mime, 20, 10)]
    [InlineData("2", SectionText.None, 150, 100)]
    [InlineData("3", SectionText.None, 270, 200)]
    [InlineData("3", SectionText.Mime, 260, 10)]
    [InlineData("3", SectionText.Header, 270, 10)]
    [InlineData("3", SectionText.Text, 280, 190)]
    [InlineData("3.1", SectionText.None, 300, 50)]
    [InlineData("3.2", SectionText.None, 370, 50)]
    [InlineData("4", SectionText.None, 490, 400)]
    [InlineData("4", SectionText.Mime, 480, 10)]
    [InlineData("4.1", SectionText.Mime, 500, 10)]
    [InlineData("4.2", SectionText.Header, 570, 10)]
    [InlineData("4.2", SectionText.Text, 580, 290)]
    [InlineData("4.2.1", SectionText.None, 580, 290)]
    [InlineData("4.2.1", SectionText.Mime, 570, 10)]
    public void A_section_selects_its_octets(string path, SectionText text, long offset, long count)
    {
        Assert.True(PartTable.TryFind(Example, Path(path), text, out var range));
        Assert.Equal(new SectionRange(offset, count), range);
    }

    [Theory]
    [InlineData("", SectionText.Mime)]
    [InlineData("0", SectionText.None)]
    [InlineData("5", SectionText.None)]
    [InlineData("1.1", SectionText.None)]
    [InlineData("1", SectionText.Header)]
    [InlineData("4", SectionText.Text)]
    [InlineData("3.3", SectionText.None)]
    [InlineData("4.2.2", SectionText.None)]
    [InlineData("4.2.1.1", SectionText.None)]
    public void A_missing_section_is_not_found(string path, SectionText text) =>
        Assert.False(PartTable.TryFind(Example, Path(path), text, out _));

    [Fact]
    public void A_message_without_parts_is_its_own_part_1()
    {
        var table = Table((PartKind.Leaf, 0, 0, 10, 90));
        Assert.True(PartTable.TryFind(table, [1], SectionText.None, out var body));
        Assert.Equal(new SectionRange(10, 90), body);
        Assert.True(PartTable.TryFind(table, [1], SectionText.Mime, out var header));
        Assert.Equal(new SectionRange(0, 10), header);
        Assert.False(PartTable.TryFind(table, [2], SectionText.None, out _));
        Assert.False(PartTable.TryFind(table, [1, 1], SectionText.None, out _));
    }

    [Fact]
    public void An_embedded_message_as_the_only_content_is_part_1()
    {
        var table = Table((PartKind.Message, 1, 0, 10, 90), (PartKind.Leaf, 0, 10, 30, 70));
        Assert.True(PartTable.TryFind(table, [1], SectionText.Text, out var text));
        Assert.Equal(new SectionRange(30, 70), text);
        Assert.True(PartTable.TryFind(table, [1, 1], SectionText.None, out var inner));
        Assert.Equal(text, inner);
    }

    [Fact]
    public void A_truncated_table_finds_nothing_and_does_not_throw()
    {
        for (var length = 0; length < Example.Length; length++)
            Assert.False(PartTable.TryFind(Example.AsSpan(0, length), [4, 2], SectionText.Text, out _));
    }

    private static byte[] Table(params (PartKind Kind, int Children, long Header, long Body, long Length)[] parts)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PartTableWriter(output);
        foreach (var part in parts) writer.Write(part.Kind, part.Children, part.Header, part.Body, part.Length);
        return output.WrittenSpan.ToArray();
    }

    private static int[] Path(string path) => path.Length == 0 ? [] : [.. path.Split('.').Select(int.Parse)];
}
