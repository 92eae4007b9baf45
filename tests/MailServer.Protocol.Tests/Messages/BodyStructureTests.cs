using System.Buffers;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

public sealed class BodyStructureTests
{
    private const string Text = """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 12 1""";
    private const string Image = """("image" "png" ("name" "a \"(\\ .png") "<id@x>" NIL "base64" 400""";
    private const string Envelope = """(NIL "s" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL)""";

    [Theory]
    [InlineData(Text + " NIL NIL NIL NIL)", Text + ")")]
    [InlineData(Image + """ NIL ("attachment" ("filename" "a)b")) ("en" "de") NIL)""", Image + ")")]
    [InlineData("(" + Text + " NIL NIL NIL NIL)" + Image + " NIL NIL)" + """ "mixed" ("boundary" "b") NIL NIL NIL)""", "(" + Text + ")" + Image + ")" + """ "mixed")""")]
    [InlineData("(" + Text + " NIL) " + Image + " NIL)" + """ "mixed" ("boundary" "b"))""", "(" + Text + ")" + Image + ")" + """ "mixed")""")]
    [InlineData(
        """("message" "rfc822" NIL NIL NIL "7bit" 99 """ + Envelope + " " + Text + " NIL NIL NIL NIL) 5 NIL NIL NIL NIL)",
        """("message" "rfc822" NIL NIL NIL "7bit" 99 """ + Envelope + " " + Text + ") 5)")]
    [InlineData("(\"x\" \"y\" NIL NIL {3}\r\n)\"( \"7bit\" 1 NIL)", "(\"x\" \"y\" NIL NIL {3}\r\n)\"( \"7bit\" 1)")]
    public void BODY_is_BODYSTRUCTURE_without_extension_data(string structure, string expected) => Assert.Equal(expected, Trim(structure));

    [Theory]
    [InlineData("")]
    [InlineData("NIL")]
    [InlineData("((((((")]
    [InlineData("(\"text\" \"plain\" NIL")]
    [InlineData("(\"text\" \"pl")]
    public void Text_that_is_not_a_structure_is_unchanged(string text) => Assert.Equal(text, Trim(text));

    /// <summary>The example of RFC 9051 §6.4.5.1: a message within a message, and one within a multipart within it.</summary>
    [Theory]
    [InlineData("", "mixed")]
    [InlineData("1", "one")]
    [InlineData("2", "two")]
    [InlineData("3", "rfc822")]
    [InlineData("3.1", "three-one")]
    [InlineData("3.2", "three-two")]
    [InlineData("4", "alternative")]
    [InlineData("4.1", "four-one")]
    [InlineData("4.2", "rfc822")]
    [InlineData("4.2.1", "four-two-one")]
    [InlineData("0", null)]
    [InlineData("5", null)]
    [InlineData("1.1", null)]
    [InlineData("3.3", null)]
    [InlineData("4.2.2", null)]
    [InlineData("4.2.1.1", null)]
    public void The_structure_of_a_part_is_found(string path, string? subtype)
    {
        static string Leaf(string name) => $"(\"text\" \"{name}\" NIL NIL NIL \"7bit\" 12 1 NIL NIL NIL NIL)";
        static string Message(string body) => $"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 99 {Envelope} {body} 5 NIL NIL NIL NIL)";
        static string Multipart(string name, params string[] parts) => $"({string.Concat(parts)} \"{name}\" (\"boundary\" \"b\") NIL NIL NIL)";
        var whole = Multipart("mixed", Leaf("one"), Leaf("two"), Message(Multipart("mixed", Leaf("three-one"), Leaf("three-two"))), Multipart("alternative", Leaf("four-one"), Message(Leaf("four-two-one"))));
        var found = Encoding.ASCII.GetString(BodyStructure.Find(Encoding.ASCII.GetBytes(whole), path.Length == 0 ? [] : [.. path.Split('.').Select(static n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))]));
        if (subtype is null) Assert.Equal("", found);
        else Assert.Matches($"\\A\\((\"[a-z]+\"|\\(.*\\)) \"{subtype}\" .*\\)\\z", found);
    }

    [Fact]
    public void The_only_part_of_a_message_has_the_number_1()
    {
        const string text = Text + " NIL NIL NIL NIL)";
        Assert.Equal(text, Encoding.ASCII.GetString(BodyStructure.Find(Encoding.ASCII.GetBytes(text), [1])));
        foreach (var path in new int[][] { [2], [1, 1] }) Assert.True(BodyStructure.Find(Encoding.ASCII.GetBytes(text), path).IsEmpty);
        foreach (var broken in new[] { "", "NIL", "((((((", "(\"text\" \"pl" }) Assert.True(BodyStructure.Find(Encoding.ASCII.GetBytes(broken), [1, 1]).IsEmpty);
    }

    private static string Trim(string structure)
    {
        var output = new ArrayBufferWriter<byte>();
        BodyStructure.WithoutExtensions(Encoding.ASCII.GetBytes(structure), output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
