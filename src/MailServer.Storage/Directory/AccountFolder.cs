using System.Globalization;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.Directory;

/// <summary>Locates and deletes the folder that contains all data of one account.</summary>
public static class AccountFolder
{
    public static string PathOf(string maildirPath, AccountId account) =>
        Path.Combine(maildirPath, string.Create(CultureInfo.InvariantCulture, $"user_{account.Value}"));

    /// <summary>Lists the accounts that have a folder.</summary>
    public static IReadOnlyList<AccountId> List(string maildirPath)
    {
        const string Prefix = "user_";
        if (!System.IO.Directory.Exists(maildirPath)) return [];
        var found = new List<AccountId>();
        foreach (var folder in System.IO.Directory.EnumerateDirectories(maildirPath, Prefix + "*"))
            if (long.TryParse(Path.GetFileName(folder).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) found.Add(new AccountId(id));
        return found;
    }

    /// <summary>
    /// Deletes the folder of a removed account; returns false if there was none. The folder is
    /// renamed first, so that an interrupted deletion leaves nothing that looks like a mailbox.
    /// </summary>
    public static bool Purge(string maildirPath, AccountId account)
    {
        var folder = PathOf(maildirPath, account);
        var aside = Path.Combine(maildirPath, string.Create(CultureInfo.InvariantCulture, $".purged_{account.Value}"));
        var found = System.IO.Directory.Exists(folder);
        Delete(aside);
        if (found) System.IO.Directory.Move(folder, aside);
        Delete(aside);
        return found;
    }

    private static void Delete(string folder)
    {
        if (System.IO.Directory.Exists(folder)) System.IO.Directory.Delete(folder, recursive: true);
    }
}
