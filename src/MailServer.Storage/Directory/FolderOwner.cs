using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Directory;

/// <summary>
/// The owner of an account folder, recorded in its file <c>.owner</c>. A directory that was lost or is an older copy may assign an id to a different
/// account; the folder with that id is then not opened. An owner is identified by id and creation time in seconds, so that its address may change.
/// </summary>
/// <param name="Id">Id of the account when the file was written.</param>
/// <param name="CreatedAt">Creation time of the account, in seconds of Unix time.</param>
/// <param name="Address">Address of the account when the folder was last opened.</param>
/// <param name="IsRemoved">True if the account was removed intentionally and its mail kept.</param>
public sealed record FolderOwner(AccountId Id, long CreatedAt, string Address, bool IsRemoved = false)
{
    public const string FileName = ".owner";

    private const string FirstLine = "mailserver-owner 1";

    public static FolderOwner Of(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new FolderOwner(account.Id, account.CreatedAt.ToUnixTimeSeconds(), account.Address.ToString());
    }

    /// <summary>Reads the owner of a folder; null if none is recorded.</summary>
    /// <exception cref="DamagedOwnerException">The file is damaged or cannot be read.</exception>
    public static FolderOwner? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        string[] lines;
        try
        {
            if (StateFile.ReadLines(path) is not { } found) return null;
            lines = StateFile.Verify(found);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DamagedOwnerException(path, e);
        }

        return lines is [FirstLine, ..] && Number(lines, "id ") is { } id && Number(lines, "created ") is { } created && Value(lines, "address ") is { } address
            ? new FolderOwner(new AccountId(id), created, address, Value(lines, "removed ") == "yes")
            : throw new DamagedOwnerException(path, null);
    }

    /// <summary>Verifies the owner before a folder is opened for an account, and records the account as owner if there is none.</summary>
    /// <exception cref="FolderOwnerMismatchException">The folder belongs to another account.</exception>
    /// <exception cref="DamagedOwnerException">The owner cannot be determined.</exception>
    public static void Claim(string folder, Account account)
    {
        var wanted = Of(account);
        var found = Load(folder);
        if (found is null || (found.IsSame(wanted) && found != wanted)) wanted.Save(folder);
        else if (!found.IsSame(wanted)) throw new FolderOwnerMismatchException(folder, found, account);
    }

    /// <summary>Verifies the owner of a folder that is only read.</summary>
    /// <exception cref="FolderOwnerMismatchException">The folder belongs to another account.</exception>
    public static void Verify(string folder, Account account)
    {
        if (Load(folder) is { } found && !found.IsSame(Of(account))) throw new FolderOwnerMismatchException(folder, found, account);
    }

    public bool IsSame(FolderOwner other) => other is not null && Id == other.Id && CreatedAt == other.CreatedAt;

    public void Save(string folder) => StateFile.ReplaceChecked(
        Path.Combine(folder, FileName),
        FirstLine,
        [
            string.Create(CultureInfo.InvariantCulture, $"id {Id.Value}"),
            string.Create(CultureInfo.InvariantCulture, $"created {CreatedAt}"),
            $"address {Address}",
            .. IsRemoved ? ["removed yes"] : Array.Empty<string>(),
        ],
        sync: true);

    private static string? Value(string[] lines, string key) => Array.Find(lines, l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..];

    private static long? Number(string[] lines, string key) =>
        long.TryParse(Value(lines, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>The file that names the owner of an account folder is damaged or cannot be read, so the folder is not opened.</summary>
public sealed class DamagedOwnerException : IOException
{
    public DamagedOwnerException() { }

    public DamagedOwnerException(string message) : base(message) { }

    public DamagedOwnerException(string path, Exception? innerException)
        : base($"{path} {(innerException is null ? "is damaged" : $"cannot be read ({innerException.Message})")}: it does not name the owner of the folder", innerException) =>
        Remedy = $"look whose mail is in the folder of {path}; if it is the account's, remove the file, and the server writes it again";

    /// <summary>What an administrator does.</summary>
    public string Remedy { get; } = "";
}
