using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Annotations;

/// <summary>Parses the arguments of the METADATA commands (RFC 5464 §5).</summary>
internal static class AnnotationReader
{
    /// <summary>A folder, or the empty string for the server.</summary>
    /// <param name="reader">The command.</param>
    /// <param name="folder">The folder; null when the name is not valid, and for the server.</param>
    /// <param name="isServer">True for the empty string.</param>
    public static bool ReadPlace(ref ImapReader reader, out FolderName? folder, out bool isServer)
    {
        folder = null;
        isServer = reader.TryReadWord("\"\""u8);
        return isServer || reader.ReadMailbox(out folder);
    }

    /// <summary>entries: one name, or several in parentheses.</summary>
    public static bool ReadNames(ref ImapReader reader, out List<string> names)
    {
        names = [];
        var isList = reader.TryRead((byte)'(');
        do
        {
            if (!ReadName(ref reader, out var name) || !AnnotationName.IsSelector(name)) return false;
            names.Add(name);
        }
        while (isList && reader.ReadSpace());
        return !isList || reader.TryRead((byte)')');
    }

    /// <summary>entry-values.</summary>
    public static bool ReadValues(ref ImapReader reader, out List<Annotation> values)
    {
        values = [];
        if (!reader.TryRead((byte)'(')) return false;
        do
        {
            if (!ReadName(ref reader, out var name) || !AnnotationName.IsValid(name) || !reader.ReadSpace() || !ReadValue(ref reader, out var value)) return false;
            values.Add(new Annotation(name, value));
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')');
    }

    private static bool ReadName(ref ImapReader reader, out string name)
    {
        var isRead = reader.ReadAString(out var octets);
        name = Encoding.Latin1.GetString(octets);
        return isRead;
    }

    // value = nstring / literal8. MailKit sends values as atoms where it can.
    private static bool ReadValue(ref ImapReader reader, out ReadOnlyMemory<byte>? value)
    {
        value = null;
        if (reader.TryReadWord("NIL"u8)) return true;
        if (!reader.ReadLiteral8(out var octets) && !reader.ReadAString(out octets)) return false;
        value = octets.ToArray();
        return true;
    }
}
