using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Annotations;

/// <summary>Writes METADATA responses (RFC 5464 §4.4).</summary>
internal static class AnnotationWriter
{
    private const int MaxQuoted = 1_000;

    /// <summary><c>* METADATA folder (name value …)</c>; nothing without entries.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="folder">The folder; null for the server.</param>
    /// <param name="entries">The entries; those without a value are NIL.</param>
    /// <param name="isUtf8">The client has enabled names in UTF-8.</param>
    public static void Write(ref ImapWriter writer, FolderName? folder, IReadOnlyList<Annotation> entries, bool isUtf8)
    {
        if (entries.Count == 0) return;
        Begin(ref writer, folder, isUtf8);
        for (var at = 0; at < entries.Count; at++)
        {
            writer.Write(at == 0 ? " ("u8 : " "u8);
            writer.AString(entries[at].Name);
            writer.Write((byte)' ');
            if (entries[at].Value is { } value) WriteValue(ref writer, value.Span);
            else writer.Write("NIL"u8);
        }

        writer.Write(")\r\n"u8);
    }

    /// <summary><c>* METADATA folder name …</c>: these entries have changed.</summary>
    public static void WriteNames(ref ImapWriter writer, FolderName? folder, IEnumerable<string> names, bool isUtf8)
    {
        Begin(ref writer, folder, isUtf8);
        foreach (var name in names)
        {
            writer.Write((byte)' ');
            writer.AString(name);
        }

        writer.EndLine();
    }

    private static void Begin(ref ImapWriter writer, FolderName? folder, bool isUtf8)
    {
        writer.Write("* METADATA "u8);
        if (folder is { } name) writer.Mailbox(name.Value, isUtf8);
        else writer.Write("\"\""u8);
    }

    private static void WriteValue(ref ImapWriter writer, ReadOnlySpan<byte> value)
    {
        if (value.Length <= MaxQuoted && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            writer.Quoted(System.Text.Encoding.ASCII.GetString(value));
            return;
        }

        // literal8 (RFC 3516 §7)
        if (value.Contains((byte)0)) writer.Write((byte)'~');
        writer.Literal(value);
    }
}
