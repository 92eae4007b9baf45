using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Directory;

/// <summary>
/// Whose folder it is: the file <c>.owner</c> in an account's folder. A directory that was lost, or is an older copy, can give an id to somebody
/// else; the folder of that id is then not opened. An account is known by its id and the second in which it was added, so that its address may change.
/// </summary>
/// <param name="Id">The account's id when the file was written.</param>
/// <param name="CreatedAt">When the account was added, in seconds since 1970.</param>
/// <param name="Address">Its address when the folder was last opened.</param>
/// <param name="IsRemoved">The account was removed on purpose and its mail kept.</param>
public sealed record FolderOwner(AccountId Id, long CreatedAt, string Address, bool IsRemoved = false)
{
    public const string FileName = ".owner";

    private const string FirstLine = "mailserver-owner 1";

    public static FolderOwner Of(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new FolderOwner(account.Id, account.CreatedAt.ToUnixTimeSeconds(), account.Address.ToString());
    }

    /// <summary>Null when the folder names no owner.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static FolderOwner? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (StateFile.ReadLines(path) is not { } lines) return null;
        return lines is [FirstLine, ..] && Number(lines, "id ") is { } id && Number(lines, "created ") is { } created && Value(lines, "address ") is { } address
            ? new FolderOwner(new AccountId(id), created, address, Value(lines, "removed ") == "yes")
            : throw new InvalidDataException($"{path} is damaged: it does not say whose folder it is in; if it is that of the account, remove the file");
    }

    /// <summary>
    /// Opens a folder for an account: a folder without an owner gets this one.
    /// </summary>
    /// <exception cref="ForeignFolderException">It belongs to another account.</exception>
    /// <exception cref="InvalidDataException">It does not tell whom it belongs to.</exception>
    public static void Claim(string folder, Account account)
    {
        var wanted = Of(account);
        var found = Load(folder);
        if (found is null || (found.IsSame(wanted) && found != wanted)) wanted.Save(folder);
        else if (!found.IsSame(wanted)) throw new ForeignFolderException(folder, found, account);
    }

    /// <summary>Looks at a folder that is only read.</summary>
    /// <exception cref="ForeignFolderException">It belongs to another account.</exception>
    public static void Verify(string folder, Account account)
    {
        if (Load(folder) is { } found && !found.IsSame(Of(account))) throw new ForeignFolderException(folder, found, account);
    }

    public bool IsSame(FolderOwner other) => other is not null && Id == other.Id && CreatedAt == other.CreatedAt;

    public void Save(string folder) => StateFile.Replace(
        Path.Combine(folder, FileName),
        [
            FirstLine,
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
