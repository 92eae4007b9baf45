using System.Text;
using CsCheck;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Tests.ContentLines;

/// <summary>Content lines (RFC 5545 §3.1, RFC 6350 §3.3, RFC 6868).</summary>
public sealed class ContentLineTests
{
    private static readonly ContentLineLimits Limits = new() { MaxText = 100_000, MaxLine = 1_000, MaxLines = 50, MaxNesting = 3, MaxParameters = 5 };

    [Fact]
    public void A_line_is_split_into_group_name_parameters_and_value()
    {
        var line = Single("item1.adr;type=home,\"a;b:c\";X-Y=z:;;Road\\, 1");
        Assert.Equal(("item1", "ADR", ";;Road\\, 1"), (line.Group, line.Name, line.Text));
        Assert.Equal(["TYPE", "X-Y"], line.Parameters.Select(p => p.Name));
        Assert.Equal(["home", "a;b:c"], line.Parameters[0].Values);
    }

    [Fact]
    public void Lines_are_unfolded_even_inside_a_character()
    {
        var text = Encoding.UTF8.GetBytes("BEGIN:X\r\nSUMMARY:Caf\u00E9 and\r\n  more\r\n\t!\r\nEND:X\r\n");
        var accent = Array.IndexOf(text, (byte)0xC3);
        var folded = (byte[])[.. text[..(accent + 1)], .. "\r\n "u8, .. text[(accent + 1)..]];
        Assert.Equal("Caf\u00E9 and more!", Root(folded).Lines[0].Text);
    }

    [Fact]
    public void The_octets_of_lines_and_components_are_kept()
    {
        const string Text = "BEGIN:A\r\nX:1\r\n 2\r\nBEGIN:B\nY:3\nEND:B\nEND:A\n";
        var root = Root(Encoding.UTF8.GetBytes(Text));
        Assert.Equal(Text, Encoding.UTF8.GetString(root.Raw.Span));
        Assert.Equal("X:1\r\n 2\r\n", Encoding.UTF8.GetString(root.Lines[0].Raw.Span));
        Assert.Equal("BEGIN:B\nY:3\nEND:B\n", Encoding.UTF8.GetString(root.Components[0].Raw.Span));
    }

    [Theory]
    [InlineData("^n^^^'^x^", "\n^\"^x^")]
    [InlineData("plain", "plain")]
    public void Carets_in_parameters_are_unescaped(string written, string meant) => Assert.Equal(meant, Single($"A;P=\"{written}\":v").Parameter("P"));

    [Theory]
    [InlineData("", ContentLineFaultKind.Empty, 1)]
    [InlineData("BEGIN:A\nX:1", ContentLineFaultKind.MissingEnd, 2)]
    [InlineData("X:1\nBEGIN:A\nEND:A", ContentLineFaultKind.OutsideComponent, 1)]
    [InlineData("BEGIN:A\nEND:B", ContentLineFaultKind.WrongEnd, 2)]
    [InlineData("BEGIN:A\n\nno value\nEND:A", ContentLineFaultKind.NoValue, 3)]
    [InlineData("BEGIN:A\nX;P=\"a:b\nEND:A", ContentLineFaultKind.UnclosedQuote, 2)]
    [InlineData("BEGIN:A\n:b\nEND:A", ContentLineFaultKind.NoName, 2)]
    [InlineData("BEGIN:A\nX;P=1,2,3,4,5,6:b\nEND:A", ContentLineFaultKind.TooManyParameters, 2)]
    [InlineData("BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\n", ContentLineFaultKind.NestedTooDeep, 4)]
    public void An_error_names_its_line(string text, ContentLineFaultKind kind, int line)
    {
        Assert.False(ContentComponentParser.TryRead(Encoding.UTF8.GetBytes(text), Limits, out _, out var fault));
        Assert.Equal((kind, line), (fault!.Kind, fault.Line));
    }

    [Fact]
    public void Lines_and_texts_are_limited()
    {
        Assert.Equal(ContentLineFaultKind.LineTooLong, Fault("BEGIN:A\nX:" + new string('x', 1_001)));
        Assert.Equal(ContentLineFaultKind.TooManyLines, Fault("BEGIN:A\n" + string.Concat(Enumerable.Repeat("X:1\n", 60))));
        Assert.Equal(ContentLineFaultKind.TextTooLong, Fault(new string('x', 100_001)));
    }

    [Fact]
    public void Any_octets_are_parsed_or_refused() =>
        Gen.Char["BEGIND:AX;=\",\n\r \t^\0\u00E9"].Array[0, 80].Sample(text =>
        {
            var octets = Encoding.UTF8.GetBytes("BEGIN:A\n" + new string(text) + "\nEND:A");
            if (ContentComponentParser.TryRead(octets, Limits, out var roots, out var fault))
                Assert.All(roots.SelectMany(r => r.Lines), l => Assert.NotEqual("", l.Name));
            else
                Assert.NotNull(fault);
        }, iter: 3_000);

    [Fact]
    public void Written_values_round_trip() =>
        Gen.Select(Gen.Char["ab ,;:\"^\n\u00E9\u4E2D"].Array[0, 200], Gen.Char["ab ,;:\u00E9\u4E2D\\"].Array[0, 200]).Sample((parameter, value) =>
        {
            var line = Single("X;P=1:v");
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new ContentWriter(output);
            writer.Begin("A");
            writer.WriteLine(new ContentLine { Raw = default, Name = line.Name, Parameters = [new ContentParameter("P", [new string(parameter)])], Value = default }, new string(value));
            writer.End("A");
            var read = Root(output.WrittenMemory).Lines[0];
            Assert.Equal((new string(parameter), new string(value)), (read.Parameter("P"), read.Text));
            Assert.All(Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n"), l => Assert.True(Encoding.UTF8.GetByteCount(l) <= 75));
        }, iter: 500);

    [Theory]
    [InlineData("a\\,b\\;c\\nd\\\\e\\", "a,b;c\nd\\e\\")]
    public void Text_is_unescaped(string written, string meant) => Assert.Equal(meant, ContentText.Unescape(written));

    [Theory]
    [InlineData(TextCollation.AsciiCasemap, "STRASSE", "strasse", true)]
    [InlineData(TextCollation.AsciiCasemap, "\u00C9", "\u00E9", false)]
    [InlineData(TextCollation.Octet, "A", "a", false)]
    [InlineData(TextCollation.UnicodeCasemap, "\u00C9t\u00E9", "\u00E9T\u00C9", true)]
    [InlineData(TextCollation.UnicodeCasemap, "\uFF21", "a", true)]
    [InlineData(TextCollation.UnicodeCasemap, "\uFFFE", "a", false)]
    public void Collations_compare_as_specified(TextCollation collation, string sought, string value, bool equal) =>
        Assert.Equal(equal, new TextMatch(sought, collation, TextMatchType.Equals).Matches(value));

    private static ContentLine Single(string line) => Root(Encoding.UTF8.GetBytes($"BEGIN:A\r\n{line}\r\nEND:A\r\n")).Lines[0];

    private static ContentComponent Root(ReadOnlyMemory<byte> text)
    {
        Assert.True(ContentComponentParser.TryRead(text, new ContentLineLimits(), out var roots, out var fault), fault?.ToString());
        return Assert.Single(roots);
    }

    private static ContentLineFaultKind Fault(string text)
    {
        Assert.False(ContentComponentParser.TryRead(Encoding.UTF8.GetBytes(text), Limits, out _, out var fault));
        return fault!.Kind;
    }
}
