using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>The header fields that are cached beside the message, so that message lists need no message files.</summary>
public static class CachedHeaders
{
    private const int MaxNameLength = 64;

    /// <summary>Whether fields with this name (case-insensitive) are cached.</summary>
    public static bool Contains(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxNameLength || !Ascii.IsValid(name)) return false;
        Span<byte> ascii = stackalloc byte[MaxNameLength];
        Encoding.ASCII.GetBytes(name, ascii);
        KnownFieldNames.Find(ascii[..name.Length], out var isCached);
        return isCached;
    }
}
