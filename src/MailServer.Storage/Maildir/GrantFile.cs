using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>Who has which rights to a folder, in the file <c>.access</c> of its directory: with the folder it is renamed, removed and copied.</summary>
internal static class GrantFile
{
    public const string FileName = ".access";
    private const string Version = "mailserver-access 1";

    /// <summary>Reads the grants; none if the file is missing or damaged. A line that cannot be read grants nothing.</summary>
    /// <exception cref="IOException">The file cannot be read, or something else is in its place.</exception>
    public static IReadOnlyList<FolderGrant> Load(string directory)
    {
        if (StateFile.ReadLines(PathOf(directory)) is not { } found || StateFile.Verify(found) is not [Version, .. var lines]) return [];
        return [.. lines.Select(Parse).OfType<FolderGrant>()];
    }

    /// <summary>Replaces all grants, durably if <paramref name="sync"/>.</summary>
    public static void Save(string directory, IReadOnlyList<FolderGrant> grants, bool sync)
    {
        if (grants.Count > 0)
        {
            StateFile.ReplaceChecked(PathOf(directory), Version, [.. grants.Select(Format)], sync);
            return;
        }

        Remove(directory);
        if (sync) Posix.SyncDirectory(directory);
    }

    public static void Remove(string directory) => Posix.TryUnlink(PathOf(directory));

    private static string PathOf(string directory) => Path.Combine(directory, FileName);

    private static string Format(FolderGrant grant)
    {
        var rights = FolderRightsText.Format(grant.Rights, withObsolete: false);
        return grant.Guest is { } guest ? $"{rights} {guest.Id} {guest.Address}" : $"{rights} {AccessRules.Anyone}";
    }

    private static FolderGrant? Parse(string line)
    {
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !FolderRightsText.TryParse(parts[0], out var rights)) return null;
        if (parts.Length == 2) return parts[1] == AccessRules.Anyone ? new FolderGrant(null, rights) : null;
        return long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && EmailAddress.TryParse(parts[2], out var address)
            ? new FolderGrant(new MailboxGuest(new AccountId(id), address), rights) : null;
    }
}
