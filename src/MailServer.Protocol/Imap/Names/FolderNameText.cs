using System.Text;
using System.Text.Unicode;

namespace MailServer.Protocol.Imap.Names;

/// <summary>The encoding of folder names on the wire: modified UTF-7, or UTF-8 after ENABLE (RFC 9051 §5.1, RFC 6855 §3).</summary>
internal static class FolderNameText
{
    /// <param name="wire">The octets of the name.</param>
    /// <param name="isUtf8">The client has enabled names in UTF-8.</param>
    /// <param name="name">The name in Unicode.</param>
    public static bool TryDecode(ReadOnlySpan<byte> wire, bool isUtf8, out string name)
    {
        // Modified UTF-7 is 7-bit, so other octets are UTF-8 even when the client has not enabled it.
        if (!isUtf8 && !wire.ContainsAnyInRange((byte)0x80, (byte)0xFF)) return ModifiedUtf7.TryDecode(wire, out name);
        name = "";
        if (!Utf8.IsValid(wire)) return false;
        name = Encoding.UTF8.GetString(wire);
        return true;
    }

    /// <summary>The form in which a client with names in UTF-8 creates folders (Net-Unicode, RFC 5198 §2).</summary>
    public static string Normalize(string name) => name.Normalize(NormalizationForm.FormC);
}
