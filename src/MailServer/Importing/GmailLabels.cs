using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>
/// The <c>X-Gmail-Labels</c> field of a Gmail export. A message can have many labels but only one folder here: Trash, Spam, Drafts, Inbox and Sent take
/// precedence, then the first user label; other labels become keywords. A message without any of these goes to Archive.
/// </summary>
internal static class GmailLabels
{
    private const int MaxLabels = 100;

    private static readonly (string[] Labels, string Folder)[] Folders =
    [
        (["Trash", "Bin"], "Trash"),
        (["Spam"], "Junk"),
        (["Draft", "Drafts"], "Drafts"),
        (["Inbox"], "INBOX"),
        (["Sent"], "Sent"),
    ];

    // These labels are flags or have no equivalent.
    private static readonly HashSet<string> States = new(StringComparer.OrdinalIgnoreCase) { "Unread", "Opened", "Starred", "Important", "Archived", "Chat" };

    /// <param name="field">The unfolded and decoded value of the field.</param>
    public static IReadOnlyList<string> Split(string field)
    {
        var labels = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i <= field.Length && labels.Count < MaxLabels; i++)
        {
            if (i < field.Length && field[i] == '"') quoted = !quoted;
            if (i < field.Length && (field[i] != ',' || quoted)) continue;
            var label = field[start..i].Trim().Trim('"').Trim();
            if (label.Length > 0) labels.Add(label);
            start = i + 1;
        }

        return labels;
    }

    public static SystemFlags FlagsOf(IReadOnlyList<string> labels)
    {
        var flags = Has(labels, "Unread") ? SystemFlags.None : SystemFlags.Seen;
        if (Has(labels, "Starred")) flags |= SystemFlags.Flagged;
        if (Has(labels, "Draft") || Has(labels, "Drafts")) flags |= SystemFlags.Draft;
        return flags;
    }

    /// <summary>The folder for the message, and the remaining labels as keywords.</summary>
    public static (FolderName Folder, IEnumerable<string> Keywords) PlaceOf(IReadOnlyList<string> labels)
    {
        var own = labels.Where(static l => !IsKnown(l)).ToList();
        if (Has(labels, "Important")) own.Add("$Important");
        foreach (var (names, folder) in Folders)
            if (names.Any(n => Has(labels, n))) return (FolderName.Parse(folder), own);
        foreach (var label in own)
            if (label[0] != '$' && FolderNames.Of(label) is { } named) return (named, own.Where(l => l != label));
        return (FolderName.Parse("Archive"), own);
    }

    private static bool IsKnown(string label) =>
        States.Contains(label) || label.StartsWith("Category ", StringComparison.OrdinalIgnoreCase) || Folders.Any(f => Has(f.Labels, label));

    private static bool Has(IReadOnlyList<string> labels, string label) => labels.Contains(label, StringComparer.OrdinalIgnoreCase);
}
