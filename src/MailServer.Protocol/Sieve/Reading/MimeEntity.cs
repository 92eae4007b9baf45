using System.Text;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>A MIME entity that a script writes: the fields about its content, and the content.</summary>
/// <param name="Fields">The fields whose names begin with <c>Content-</c>.</param>
/// <param name="Body">The content.</param>
internal sealed record MimeEntity(IReadOnlyList<SieveField> Fields, ReadOnlyMemory<byte> Body)
{
    private const int MostFields = 50;

    /// <summary>The entity of a plain text.</summary>
    public static MimeEntity OfText(string text)
    {
        var isAscii = Ascii.IsValid(text);
        return new MimeEntity(
            [
                SieveField.Create("Content-Type", $"text/plain; charset={(isAscii ? "us-ascii" : "utf-8")}"), SieveField.Create("Content-Transfer-Encoding", isAscii ? "7bit" : "8bit"),
            ],
            Encoding.UTF8.GetBytes(WithCrlf(text)));
    }

    /// <summary>Reads an entity with its header (RFC 2045 §2.4); null if the text has no header. Fields that are not about the content are left out.</summary>
    public static MimeEntity? Read(string text)
    {
        var octets = Encoding.UTF8.GetBytes(WithCrlf(text));
        var end = octets.AsSpan().StartsWith("\r\n"u8) ? 0 : octets.AsSpan().IndexOf("\r\n\r\n"u8) is >= 0 and var at ? at + 2 : -1;
        if (end < 0) return null;
        var fields = SieveField.ReadAll(octets.AsMemory(0, end), MostFields).Where(static f => IsAboutContent(f.Name)).ToList();
        return end > 0 && fields.Count == 0 ? null : new MimeEntity(fields, octets.AsMemory(end + 2));
    }

    public static bool IsAboutContent(string name) => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Header, blank line and content.</summary>
    public byte[] ToOctets() => [.. Fields.SelectMany(static f => f.Octets.ToArray()), .. "\r\n"u8, .. Body.Span];

    internal static string WithCrlf(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
}
