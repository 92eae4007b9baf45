using System.Diagnostics;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>Random trees of MIME parts, written with every offset known, and random octets.</summary>
public sealed class RandomMessageTests
{
    private static readonly Gen<string> Line = Gen.OneOfConst("", "-", "--", "--b", "text", "--b0", "--b-", " --b1", "a\tb ", "From x", "--b1--x", "ä");

    private static readonly Gen<string> Lines = Line.Array[0, 5].Select(lines => string.Join("\r\n", lines));

    private static readonly Gen<Node> Tree = Gen.Recursive<Node>((depth, node) => depth >= 4
        ? Lines.Select(text => new Node(PartKind.Leaf, [], text))
        : Gen.Frequency(
            (3, Lines.Select(text => new Node(PartKind.Leaf, [], text))),
            (2, Gen.Select(node.Array[1, 3], Lines, Gen.Int[0, 3], (children, text, form) => new Node(PartKind.Multipart, children, text, form))),
            (1, node.Select(child => new Node(PartKind.Message, [child], "")))));

    private static readonly Gen<string> Scraps = Gen.OneOfConst(
        "\r\n", "\n", "\r", " ", ":", "--b", "--", "--b--", "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n",
        "To: ", "From: a@b", "(", ")", "\"", "\\", "<", ">", ";", ",", "@", "=?utf-8?B?", "\0", "é", "\u0080", "Content-Disposition: a; b*0*=", "*1=", "\r\n\r\n", "Subject:", "Date: 1 Jan 2", "x")
        .Array[0, 60].Select(string.Concat);

    /// <summary>Well-formed trees of parts, and fragments.</summary>
    internal static Gen<string> AnyMessage => Gen.OneOf(Scraps, Tree.Select(static tree =>
    {
        var writer = new MessageWriter();
        writer.Write(tree, []);
        return writer.Text;
    }));

    [Fact]
    public void Every_part_is_found_where_it_was_written() => Tree.Sample(tree =>
    {
        var writer = new MessageWriter();
        writer.Write(tree, []);
        var message = MessageTexts.Bytes(writer.Text);
        var summary = MessageTexts.Summarize(message);
        foreach (var (path, header, body) in writer.Expected)
        {
            Assert.True(PartTable.TryFind(summary.Parts.Span, path, SectionText.None, out var found), string.Join('.', path));
            Assert.Equal(body, found);
            Assert.True(PartTable.TryFind(summary.Parts.Span, path, SectionText.Mime, out found));
            Assert.Equal(header, found);
        }

        PartRanges.AssertNested(summary.Parts, message.Length);
        MessageTexts.AssertWellFormed(summary.BodyStructure);
    });

    [Fact]
    public void The_result_does_not_depend_on_the_read_sizes() => Gen.Select(Tree, Gen.Int[1, 50]).Sample((tree, window) =>
    {
        var writer = new MessageWriter();
        writer.Write(tree, []);
        var content = new InMemoryContent(MessageTexts.Bytes(writer.Text));
        PartRanges.AssertSame(MessageTexts.Format.Summarize(content), new MessageFormat(Limits.Default, window).Summarize(content));
    });

    [Fact]
    public void Fragments_of_mail_never_break_a_summary() => Gen.Select(Scraps, Gen.Int[1, 50]).Sample((text, window) =>
    {
        var content = new InMemoryContent(MessageTexts.Bytes(text));
        var summary = MessageTexts.Format.Summarize(content);
        MessageTexts.AssertWellFormed(summary.Envelope);
        MessageTexts.AssertWellFormed(summary.BodyStructure);
        PartRanges.AssertNested(summary.Parts, content.Length);
        PartRanges.AssertSame(summary, new MessageFormat(Limits.Default, window).Summarize(content));
        MessageTexts.Format.TextContains(content, "text", includeHeader: true);
        MessageTexts.Format.HeaderContains(MessageTexts.Bytes(text), "To", "text");
    });

    [Fact]
    public void Random_octets_never_throw_and_take_bounded_time() => Gen.Byte.Array[0, 5_000].Sample(
        octets =>
        {
            var content = new InMemoryContent(octets);
            var summary = MessageTexts.Format.Summarize(content);
            MessageTexts.AssertWellFormed(summary.Envelope);
            MessageTexts.AssertWellFormed(summary.BodyStructure);
            MessageTexts.Format.TextContains(content, "é€", includeHeader: true);
        },
        iter: 2_000);

    [Theory]
    [InlineData("\n--")]
    [InlineData("\n--b")]
    [InlineData("\n--b\n\n")]
    [InlineData("\r\n")]
    [InlineData("\nContent-Type: multipart/mixed; boundary=b\n\n--b")]
    public void Unlimited_delimiters_take_bounded_time(string piece)
    {
        var message = MessageTexts.Bytes("Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)));
        var watch = Stopwatch.StartNew();
        MessageTexts.AssertWellFormed(MessageTexts.Summarize(message).BodyStructure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
    }

    /// <param name="Kind">The kind of the part.</param>
    /// <param name="Children">The parts of a multipart, or the root of an embedded message.</param>
    /// <param name="Text">The body of a leaf, the preamble and epilogue of a multipart.</param>
    /// <param name="Form">For a multipart: bit 0: with preamble; bit 1: with epilogue.</param>
    private sealed record Node(PartKind Kind, Node[] Children, string Text, int Form = 0);

    /// <summary>Writes a tree as a message. Boundaries share a prefix; no text contains one of them as a line.</summary>
    private sealed class MessageWriter
    {
        private readonly StringBuilder _text = new();
        private int _boundaries;

        public List<(int[] Path, SectionRange Header, SectionRange Body)> Expected { get; } = [];

        public string Text => _text.ToString();

        /// <summary>Writes an entity. A multipart that is itself a message, or the body of one, numbers its parts from its parent.</summary>
        public void Write(Node node, int[] message)
        {
            if (node.Kind == PartKind.Multipart) WriteEntity(node, null, message);
            else WriteEntity(node, [.. message, 1], message);
        }

        private void WriteEntity(Node node, int[]? path, int[] parent)
        {
            var headerStart = _text.Length;
            var boundary = $"b{string.Concat(Enumerable.Repeat("b", _boundaries++))}!";
            _text.Append(node.Kind switch
            {
                PartKind.Multipart => $"Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n",
                PartKind.Message => "Content-Type: message/rfc822\r\nX: y\r\n\r\n",
                _ => "Content-Type: text/plain\r\n\r\n",
            });
            var bodyStart = _text.Length;
            if (node.Kind == PartKind.Multipart) WriteMultipart(node, boundary, path ?? parent);
            else if (node.Kind == PartKind.Message) Write(node.Children[0], path!);
            else _text.Append(node.Text);
            if (path is null) return;
            Expected.Add((path, new SectionRange(headerStart, bodyStart - headerStart), new SectionRange(bodyStart, _text.Length - bodyStart)));
        }

        private void WriteMultipart(Node node, string boundary, int[] path)
        {
            if ((node.Form & 1) != 0) _text.Append(node.Text).Append("\r\n");
            for (var i = 0; i < node.Children.Length; i++)
            {
                _text.Append(null, $"--{boundary}\r\n");
                WriteEntity(node.Children[i], [.. path, i + 1], path);
                _text.Append("\r\n");
            }

            _text.Append(null, $"--{boundary}--");
            if ((node.Form & 2) != 0) _text.Append("\r\n").Append(node.Text);
        }
    }
}
