using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Which header fields are kept beside the message, so that what clients list is answered without opening a file.</summary>
public static class CachedHeaders
{
    private const int LongestName = 64;

    /// <summary>True when fields of this name, in any case, are kept.</summary>
    public static bool Contains(ReadOnlySpan<char> name)
    {
        if (name.Length > LongestName || !Ascii.IsValid(name)) return false;
        Span<byte> ascii = stackalloc byte[LongestName];
        Encoding.ASCII.GetBytes(name, ascii);
        FieldName.Find(ascii[..name.Length], out var isCached);
        return isCached;
    }
}
