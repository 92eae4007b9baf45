using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>Assertions for every table of parts.</summary>
internal static class PartRanges
{
    public static void AssertNested(ReadOnlyMemory<byte> table, long length)
    {
        Assert.True(PartTable.TryFind(table.Span, [], SectionText.None, out var whole));
        Assert.Equal(new SectionRange(0, length), whole);
        Assert.True(PartTable.TryFind(table.Span, [], SectionText.Header, out var header));
        Assert.True(PartTable.TryFind(table.Span, [], SectionText.Text, out var text));
        Assert.Equal(header.Count, text.Offset);
        Assert.Equal(length, text.Offset + text.Count);
        AssertChildren(table, [], text);
    }

    public static void AssertSame(MessageSummary expected, MessageSummary actual)
    {
        Assert.Equal(MessageTexts.Text(expected.Envelope), MessageTexts.Text(actual.Envelope));
        Assert.Equal(MessageTexts.Text(expected.BodyStructure), MessageTexts.Text(actual.BodyStructure));
        Assert.Equal(MessageTexts.Text(expected.Headers), MessageTexts.Text(actual.Headers));
        Assert.Equal(MessageTexts.Text(expected.Parts), MessageTexts.Text(actual.Parts));
        Assert.Equal(expected.SentDate, actual.SentDate);
    }

    private static void AssertChildren(ReadOnlyMemory<byte> table, int[] path, SectionRange parent)
    {
        if (path.Length > 70) return;
        var end = parent.Offset;
        for (var number = 1; ; number++)
        {
            int[] child = [.. path, number];
            if (!PartTable.TryFind(table.Span, child, SectionText.None, out var body)) return;
            Assert.True(PartTable.TryFind(table.Span, child, SectionText.Mime, out var mime));
            Assert.Equal(body.Offset, mime.Offset + mime.Count);
            // A message that is not a multipart is its own part 1: at the same position as its parent.
            Assert.True(body == parent || number == 1 || mime.Offset >= end, $"part {string.Join('.', child)} begins in the one before");
            Assert.True(body.Offset >= parent.Offset && body.Offset + body.Count <= parent.Offset + parent.Count, $"part {string.Join('.', child)} lies outside");
            end = body.Offset + body.Count;
            if (PartTable.TryFind(table.Span, child, SectionText.Text, out var text))
                Assert.True(text.Offset >= body.Offset && text.Offset + text.Count == body.Offset + body.Count);
            AssertChildren(table, child, body);
        }
    }
}
