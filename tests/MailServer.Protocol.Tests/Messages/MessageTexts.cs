using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>Converts message text to its cached IMAP structures as text. Every octet is one character (Latin-1).</summary>
internal static class MessageTexts
{
    public static MessageFormat Format { get; } = new(Limits.Default);

    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static string Text(ReadOnlyMemory<byte> wire) => Encoding.Latin1.GetString(wire.Span);

    public static MessageSummary Summarize(string message) => Summarize(Bytes(message));

    public static MessageSummary Summarize(byte[] message) => Format.Summarize(new InMemoryContent(message));

    public static string Envelope(string header) => Text(Summarize(header + "\r\n").Envelope);

    public static string Structure(string message) => Text(Summarize(message).BodyStructure);

    /// <summary>Creates a message with this Content-Type (and further fields) and a body of one line.</summary>
    public static string StructureOf(string fields) => Structure(fields + "\r\n\r\nHello\r\n");

    public static string? Section(MessageSummary summary, string message, string path, SectionText text)
    {
        int[] numbers = path.Length == 0 ? [] : [.. path.Split('.').Select(int.Parse)];
        return PartTable.TryFind(summary.Parts.Span, numbers, text, out var range)
            ? message.Substring((int)range.Offset, (int)range.Count)
            : null;
    }

    /// <summary>Asserts: 7-bit, no NUL, no line endings, balanced parentheses outside quoted strings, closed strings.</summary>
    public static void AssertWellFormed(ReadOnlyMemory<byte> wire)
    {
        var text = Text(wire);
        Assert.DoesNotContain(text, c => c is '\r' or '\n' or '\0' or > '\x7f');
        var (depth, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\') i++;
            else if (text[i] == '"') quoted = !quoted;
            else if (!quoted && text[i] == '(') depth++;
            else if (!quoted && text[i] == ')') Assert.True(--depth > 0 || i == text.Length - 1, text);
        }

        Assert.True(depth == 0 && !quoted, text);
    }
}
