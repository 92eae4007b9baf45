using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Who has which rights to the folders (RFC 4314). They are in a file of each folder, so a lost index does not affect them.</summary>
public sealed class GrantStore
{
    private readonly MailboxContext _context;

    internal GrantStore(MailboxContext context) => _context = context;

    /// <summary>The grants of a folder; null if there is no such folder.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<FolderGrant>? Find(FolderName name) => _context.TryFind(name, out var folder) ? Of(folder) : null;

    /// <summary>The rights of a guest; none if there is no such folder.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FolderRights RightsOf(FolderName name, MailboxGuest guest) => Find(name) is { } grants ? AccessRules.Of(grants, guest) : FolderRights.None;

    /// <summary>The rights of a guest; none if there is no such folder.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FolderRights RightsOf(FolderId id, MailboxGuest guest) => _context.TryFind(id, out var folder) ? AccessRules.Of(Of(folder), guest) : FolderRights.None;

    /// <summary>The rights of a guest to the nearest existing folder above a name; none if there is no such folder.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FolderRights RightsAbove(FolderName name, MailboxGuest guest)
    {
        for (var above = name.Parent; above is { } parent; above = parent.Parent)
            if (_context.Exists(parent)) return RightsOf(parent, guest);
        return FolderRights.None;
    }

    /// <summary>The folder in which mail for a subaddress is stored: one with this name, in any case, to which anyone may post; null if there is none.</summary>
    /// <exception cref="IOException">The rights cannot be read.</exception>
    public FolderName? FindPostable(string tag) => _context.Folders
        .Where(f => f.Name.Value.Equals(tag, StringComparison.OrdinalIgnoreCase) && Of(f).Any(static g => g.Guest is null && g.Rights.HasFlag(FolderRights.Post)))
        .OrderBy(f => f.Name.Value != tag).Select(static f => (FolderName?)f.Name).FirstOrDefault();

    /// <summary>Changes the rights of an account, or of all (null). Durable when the method returns.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxResult<FolderId> Set(FolderName name, MailboxGuest? guest, FlagOperation operation, FolderRights rights)
    {
        if (!_context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        var before = Of(folder);
        var after = AccessRules.Change(before, guest, operation, rights);
        if (after.Count > before.Count && after.Count > _context.Options.Limits.FolderGrants) return MailboxRefusal.LimitReached;
        GrantFile.Save(folder.Directory.Path, after, _context.Options.SyncDirectories);
        folder.Grants = after;
        if (!after.Any(static g => g.Guest is null && g.Rights.HasFlag(FolderRights.Read)))
            GuestSeen.Of(folder).Keep(id => after.Any(g => g.Guest?.Id == id && g.Rights.HasFlag(FolderRights.Read)));
        return folder.Id;
    }

    internal static IReadOnlyList<FolderGrant> Of(Folder folder) => folder.Grants ??= GrantFile.Load(folder.Directory.Path);
}
