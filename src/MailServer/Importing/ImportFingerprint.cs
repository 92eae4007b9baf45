using System.Security.Cryptography;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Importing;

/// <summary>
/// The hash of a message that is the same in an mbox file, a Maildir and an IMAP account: it leaves out the fields in which an mbox file keeps flags, UIDs and
/// lengths, because they differ with the program that wrote the file.
/// </summary>
internal static class ImportFingerprint
{
    private static readonly HashSet<string> StateFields = new(
        [
            "Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase", "Content-Length", "Lines", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the fields that are left out.</summary>
    public static IEnumerable<string> Ignored => StateFields;

    /// <param name="content">The message, with CRLF line endings.</param>
    public static byte[] Of(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = 0;
        foreach (var field in HeaderFields.Enumerate(content))
        {
            header += field.Raw.Length;
            if (!StateFields.Contains(Encoding.Latin1.GetString(field.Name))) hash.AppendData(field.Raw);
        }

        hash.AppendData(content[header..]);
        return hash.GetHashAndReset();
    }
}
