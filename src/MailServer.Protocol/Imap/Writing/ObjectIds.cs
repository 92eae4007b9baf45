using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Writing;

/// <summary>MAILBOXID (RFC 8474 §4): a folder keeps it when it is renamed, and gets another one together with another UIDVALIDITY.</summary>
public static class ObjectIds
{
    /// <summary>The identifier of a folder.</summary>
    public static string Of(FolderId folder, UidValidity validity) => string.Create(CultureInfo.InvariantCulture, $"F{folder.Value}-{validity.Value}");
}
