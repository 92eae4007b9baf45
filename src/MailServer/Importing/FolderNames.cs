using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Maps folder names of other servers to names of this one.</summary>
internal static class FolderNames
{
    // Names that other servers and clients use for the standard folders.
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

    /// <summary>Returns null if the name is not valid here.</summary>
    public static FolderName? Of(string name)
    {
        var trimmed = name.Trim('/');
        // Courier and related servers have every folder below INBOX.
        if (trimmed.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase)) trimmed = trimmed["INBOX/".Length..];
        if (Usual.TryGetValue(trimmed, out var usual)) trimmed = usual;
        return FolderName.TryParse(trimmed, out var folder) ? folder : null;
    }
}
