using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Names of folders elsewhere as names here.</summary>
internal static class FolderNames
{
    // How other servers and clients call the folders that every account has.
    private static readonly Dictionary<string, string> Usual = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Sent Messages"] = "Sent",
        ["Sent Items"] = "Sent",
        ["Sent Mail"] = "Sent",
        ["Deleted Messages"] = "Trash",
        ["Deleted Items"] = "Trash",
        ["Spam"] = "Junk",
        ["Junk E-mail"] = "Junk",
        ["Junk Mail"] = "Junk",
    };

    /// <summary>Null when no folder can be called so.</summary>
    public static FolderName? Of(string name)
    {
        var trimmed = name.Trim('/');
        // Servers of the Courier line put every folder below INBOX.
        if (trimmed.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase)) trimmed = trimmed["INBOX/".Length..];
        if (Usual.TryGetValue(trimmed, out var usual)) trimmed = usual;
        return FolderName.TryParse(trimmed, out var folder) ? folder : null;
    }
}
