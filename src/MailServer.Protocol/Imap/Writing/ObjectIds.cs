using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Writing;

/// <summary>MAILBOXID (RFC 8474 §4): a folder keeps it when it is renamed, and gets another one together with another UIDVALIDITY.</summary>
public static class ObjectIds
{
    private const int OwnerOctets = 8;

    /// <summary>The identifier of a folder.</summary>
    public static string Of(FolderId folder, UidValidity validity) => string.Create(CultureInfo.InvariantCulture, $"F{folder.Value}-{validity.Value}");

    /// <summary>The identifier of a folder as a session names it: in another mailbox the same numbers may mean another folder.</summary>
    internal static string Of(FolderId folder, UidValidity validity, FolderName name) => SharedNames.TryRead(name, out var owner, out _)
        ? $"{Of(folder, validity)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner.Address.Key)).AsSpan(0, OwnerOctets))}" : Of(folder, validity);
}
