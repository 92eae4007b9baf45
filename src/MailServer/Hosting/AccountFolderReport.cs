using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;

namespace MailServer.Hosting;

/// <summary>Reports mail folders that belong to a different account or to none.</summary>
internal static class AccountFolderReport
{
    private const int Named = 10;

    public static void Report(AccountFolders folders, IReadOnlyList<Account> accounts, string maildirPath, NodeProblems problems)
    {
        var compared = folders.Compare(accounts);
        foreach (var (account, folder) in compared.WrongOwner.Take(Named))
            problems.Report(new FolderOwnerMismatchException(folder.Path, folder.Owner!, account).Describe(account));
        // Folders without an owner file may be of accounts that an older version removed; 'check' lists them.
        var orphans = compared.Orphans.Where(static o => o.Owner is not null).ToArray();
        if (orphans.Length == 0) return;
        var names = string.Join(", ", orphans.Take(Named).Select(static o => o.Owner!.Address)) + (orphans.Length > Named ? ", …" : "");
        problems.Report(new NodeProblem(
            "mail folders without an account",
            $"{Quantity.Of(orphans.Length, "folder")} in {maildirPath} without an account in the directory: {names}",
            "restore a newer mail.db, or add each account again with 'mailserver user recover ADDRESS'"));
    }
}
