using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Directory;

/// <summary>A folder <c>user_N</c> and whose it is.</summary>
/// <param name="Id">N.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Owner">Null when it does not say, because no version that writes owners has opened it, or the file is damaged.</param>
public sealed record OwnedFolder(AccountId Id, string Path, FolderOwner? Owner);

/// <summary>What does not fit together: folders and accounts.</summary>
/// <param name="Foreign">Accounts with a folder that belongs to somebody else.</param>
/// <param name="Orphans">Folders of accounts that the directory does not have; not those of accounts that were removed.</param>
public sealed record FolderComparison(IReadOnlyList<(Account Account, OwnedFolder Folder)> Foreign, IReadOnlyList<OwnedFolder> Orphans);

/// <summary>
/// The accounts' folders as a whole. They remember the highest id that was ever given, beside the directory, so that an id is never given twice
/// even when the directory is lost.
/// </summary>
/// <param name="maildirPath">The directory with the folders.</param>
public sealed class AccountFolders(string maildirPath)
{
    internal const string HighestName = ".highest-account";
    private const string Prefix = "user_";

    private string HighestPath => Path.Combine(maildirPath, HighestName);

    /// <summary>No id up to this one may be given to a new account.</summary>
    public long HighestId() => Ids().Append(Noted()).Max();

    /// <summary>Remembers, durably, that an id is given.</summary>
    public void Note(AccountId id)
    {
        if (!System.IO.Directory.Exists(maildirPath)) Posix.CreatePrivateDirectory(maildirPath);
        if (Noted() >= id.Value) return;
        StateFile.Replace(HighestPath, [id.Value.ToString(CultureInfo.InvariantCulture)], sync: true);
        // The command line may be run by root, and the server must be able to read it.
        Posix.GiveToOwnerOf(HighestPath, maildirPath);
    }

    /// <summary>Notes in the folder of a removed account that it was removed on purpose; does nothing when there is none.</summary>
    public void MarkRemoved(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var folder = AccountFolder.PathOf(maildirPath, account.Id);
        if (!System.IO.Directory.Exists(folder) || TryLoad(folder) is { } owner && !owner.IsSame(FolderOwner.Of(account))) return;
        (FolderOwner.Of(account) with { IsRemoved = true }).Save(folder);
        Posix.GiveToOwnerOf(Path.Combine(folder, FolderOwner.FileName), folder);
    }

    public IReadOnlyList<OwnedFolder> List() =>
        [.. Ids().Order().Select(id => new AccountId(id)).Select(id => (Id: id, Path: AccountFolder.PathOf(maildirPath, id))).Select(static f => new OwnedFolder(f.Id, f.Path, TryLoad(f.Path)))];

    /// <summary>Which accounts and folders do not belong together.</summary>
    public FolderComparison Compare(IEnumerable<Account> accounts)
    {
        var byId = accounts.ToDictionary(static a => a.Id);
        var folders = List();
        return new FolderComparison(
            [.. folders.Where(f => f.Owner is { } owner && byId.TryGetValue(f.Id, out var account) && !owner.IsSame(FolderOwner.Of(account))).Select(f => (byId[f.Id], f))],
            [.. folders.Where(f => !byId.ContainsKey(f.Id) && f.Owner is not { IsRemoved: true })]);
    }

    /// <summary>Gives a folder another id, because its own belongs to another account in the directory.</summary>
    public OwnedFolder Renumber(OwnedFolder folder, AccountId id)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = AccountFolder.PathOf(maildirPath, id);
        if (Path.Exists(path)) throw new IOException($"{path} exists already");
        Note(id);
        System.IO.Directory.Move(folder.Path, path);
        Posix.SyncDirectory(maildirPath);
        return folder with { Id = id, Path = path };
    }

    /// <summary>Writes the owner of a folder, whoever owned it before.</summary>
    public static void Give(OwnedFolder folder, Account account)
    {
        ArgumentNullException.ThrowIfNull(folder);
        FolderOwner.Of(account).Save(folder.Path);
        Posix.GiveToOwnerOf(Path.Combine(folder.Path, FolderOwner.FileName), folder.Path);
    }

    private static FolderOwner? TryLoad(string folder)
    {
        try
        {
            return FolderOwner.Load(folder);
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private long Noted() => StateFile.ReadLines(HighestPath) is [var line, ..] && TryNumber(line, out var number) ? number : 0;

    private IEnumerable<long> Ids()
    {
        if (!System.IO.Directory.Exists(maildirPath)) yield break;
        foreach (var path in System.IO.Directory.EnumerateFileSystemEntries(maildirPath, Prefix + "*"))
            if (TryNumber(Path.GetFileName(path)[Prefix.Length..], out var id)) yield return id;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
