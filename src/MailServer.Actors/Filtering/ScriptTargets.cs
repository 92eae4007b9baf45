using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Filtering;

/// <summary>Finds the folders that scripts name.</summary>
/// <param name="store">The mailbox.</param>
/// <param name="limits">How many folders scripts may create.</param>
/// <param name="time">The time source.</param>
/// <param name="beforeChange">Called before a folder is created: staged messages must be committed first.</param>
internal sealed class ScriptTargets(MailboxStore store, Limits limits, TimeProvider time, Action? beforeChange = null)
{
    /// <summary>The marks that count folders which scripts have created.</summary>
    private const string CreatedPrefix = "folder:";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly FolderName Junk = FolderName.Parse("Junk");
    private MailboxReply.Folders? _folders;

    private MailboxReply.Folders Folders => _folders ??= store.Folders();

    /// <summary>An existing folder; null if there is none. Scripts of other servers write levels with dots, and names in modified UTF-7.</summary>
    public FolderName? Find(string name)
    {
        foreach (var candidate in Readings(name))
            if (FolderName.TryParse(candidate, out var folder) && store.HasFolder(folder)) return folder;
        return null;
    }

    public bool HasId(string id) => OfId(id) is not null;

    public bool HasUse(string? name, string use)
    {
        if (RoleOf(use) is not { } role) return IsInboxUse(use) && (name is null || Find(name) is { IsInbox: true });
        return name is null ? OfRole(role) is not null : Find(name) is { } folder && Folders.All.Any(f => f.Name == folder && f.Role == role);
    }

    /// <summary>Where a message is kept that no rule files: INBOX, or Junk if it is one and the folder exists.</summary>
    public FolderName Default(FolderName wanted) => store.HasFolder(wanted) ? wanted : FolderName.Inbox;

    /// <summary>The folder for a message; INBOX if it does not exist and is not to be created, or cannot be.</summary>
    /// <param name="target">What the script names.</param>
    /// <param name="remarks">Receives why it is INBOX.</param>
    public FolderName Resolve(SieveTarget target, List<string> remarks)
    {
        if (Existing(target) is { } found) return found;
        if (!target.Creates) return Missing(remarks, $"there is no folder '{target.Mailbox}'");
        return Create(target, remarks);
    }

    /// <summary>The folder for a message, if it exists.</summary>
    public FolderName? Existing(SieveTarget target)
    {
        if (target.MailboxId is { } id && OfId(id) is { } identified) return identified;
        if (target.SpecialUse is { } use)
        {
            if (IsInboxUse(use)) return FolderName.Inbox;
            if (RoleOf(use) is { } role && OfRole(role) is { } special) return special;
        }

        return Find(target.Mailbox);
    }

    private FolderName Create(SieveTarget target, List<string> remarks)
    {
        if (!FolderName.TryParse(target.Mailbox, out var name)) return Missing(remarks, $"'{target.Mailbox}' cannot be the name of a folder");
        beforeChange?.Invoke();
        if (store.CountMarks(CreatedPrefix, Hour) >= limits.ScriptFoldersPerHour) return Missing(remarks, $"'{name}' was not created: scripts have created too many folders within an hour");
        var role = target.SpecialUse is { } use && RoleOf(use) is { } wanted && OfRole(wanted) is null ? wanted : FolderRole.None;
        if (store.CreateFolder(name, role) is { } refusal) return Missing(remarks, $"'{name}' was not created ({refusal})");
        _folders = null;
        // Many clients show subscribed folders only.
        store.Subscribe(name, subscribed: true);
        store.AddMarks([(CreatedPrefix + name, time.GetUtcNow() + Hour)]);
        return name;
    }

    private static FolderName Missing(List<string> remarks, string why)
    {
        remarks.Add($"{why}; the message is in INBOX");
        return FolderName.Inbox;
    }

    private FolderName? OfId(string id)
    {
        foreach (var folder in Folders.All)
            if (store.Status(folder.Name) is { IsRefused: false, Value: var status } && ObjectIds.Of(status.Id, status.UidValidity) == id) return folder.Name;
        return null;
    }

    private FolderName? OfRole(FolderRole role)
    {
        var all = Folders.All.Where(f => f.Role == role).ToArray();
        return all.Length == 0 ? role == FolderRole.Junk && store.HasFolder(Junk) ? Junk : null : all[0].Name;
    }

    private static bool IsInboxUse(string use) => use.Equals("\\Inbox", StringComparison.OrdinalIgnoreCase);

    private static FolderRole? RoleOf(string use) => Enum.TryParse<FolderRole>(use.TrimStart('\\'), ignoreCase: true, out var role) && role != FolderRole.None ? role : null;

    private static IEnumerable<string> Readings(string name)
    {
        yield return name;
        var decoded = Ascii.IsValid(name) && name.Contains('&', StringComparison.Ordinal) && ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(name), out var text) ? text : name;
        if (decoded != name) yield return decoded;
        if (!decoded.Contains('.', StringComparison.Ordinal)) yield break;
        var levels = decoded.Replace('.', '/');
        yield return levels;
        if (levels.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase)) yield return levels["INBOX/".Length..];
    }
}
