using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Directory;

/// <summary>An account folder <c>user_N</c> and its recorded owner.</summary>
/// <param name="Id">The number N.</param>
/// <param name="Path">Path of the folder.</param>
/// <param name="Owner">The owner; null if none is recorded or the record is damaged.</param>
public sealed record OwnedFolder(AccountId Id, string Path, FolderOwner? Owner);

/// <summary>Mismatches between account folders and the directory.</summary>
/// <param name="WrongOwner">Accounts whose folder belongs to another account.</param>
/// <param name="Orphans">Folders without an account in the directory, except those of removed accounts.</param>
public sealed record FolderMismatches(IReadOnlyList<(Account Account, OwnedFolder Folder)> WrongOwner, IReadOnlyList<OwnedFolder> Orphans);

/// <summary>
/// The set of account folders. It stores the highest id ever assigned, independently of the directory, so that ids are never reused even if the directory is lost.
/// </summary>
/// <param name="maildirPath">The directory that contains the folders.</param>
public sealed class AccountFolders(string maildirPath)
{
    internal const string HighestName = ".highest-account";
    private const string Prefix = "user_";

    private string HighestPath => Path.Combine(maildirPath, HighestName);

    /// <summary>Returns the highest id that was assigned; new accounts need a higher one.</summary>
    public long HighestId() => Ids().Append(Noted()).Max();

    /// <summary>Records an assigned id, durably.</summary>
    public void RecordId(AccountId id)
    {
        if (!System.IO.Directory.Exists(maildirPath)) Posix.CreatePrivateDirectory(maildirPath);
        if (Noted() >= id.Value) return;
        StateFile.Replace(HighestPath, [id.Value.ToString(CultureInfo.InvariantCulture)], sync: true);
        // The command line may run as root; the server must be able to read the file.
        Posix.GiveToOwnerOf(HighestPath, maildirPath);
    }

    /// <summary>Records in the folder of a removed account that the removal was intentional; does nothing if there is no folder.</summary>
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

    /// <summary>Finds mismatches between accounts and folders.</summary>
    public FolderMismatches Compare(IEnumerable<Account> accounts)
    {
        var byId = accounts.ToDictionary(static a => a.Id);
        var folders = List();
        return new FolderMismatches(
            [.. folders.Where(f => f.Owner is { } owner && byId.TryGetValue(f.Id, out var account) && !owner.IsSame(FolderOwner.Of(account))).Select(f => (byId[f.Id], f))],
            [.. folders.Where(f => !byId.ContainsKey(f.Id) && f.Owner is not { IsRemoved: true })]);
    }

    /// <summary>Changes the id of a folder whose id belongs to another account in the directory.</summary>
    public OwnedFolder Renumber(OwnedFolder folder, AccountId id)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = AccountFolder.PathOf(maildirPath, id);
        if (Path.Exists(path)) throw new IOException($"{path} already exists");
        RecordId(id);
        System.IO.Directory.Move(folder.Path, path);
        Posix.SyncDirectory(maildirPath);
        return folder with { Id = id, Path = path };
    }

    /// <summary>Records a new owner of a folder, replacing any previous one.</summary>
    public static void AssignOwner(OwnedFolder folder, Account account)
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
