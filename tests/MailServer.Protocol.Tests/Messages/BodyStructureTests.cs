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

    private static string Trim(string structure)
    {
        var output = new ArrayBufferWriter<byte>();
        BodyStructure.WithoutExtensions(Encoding.ASCII.GetBytes(structure), output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
