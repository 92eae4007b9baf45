using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;

namespace MailServer.Hosting;

/// <summary>Reports at start which accounts and mail folders do not belong together.</summary>
internal static class FolderReport
{
    private const int Named = 10;

    public static void Report(AccountFolders folders, IReadOnlyList<Account> accounts, string maildirPath, NodeProblems problems)
    {
        var compared = folders.Compare(accounts);
        foreach (var (account, folder) in compared.Foreign.Take(Named))
            problems.Report(new ForeignFolderException(folder.Path, folder.Owner!, account).Describe(account));
        // Folders of accounts that an older version removed do not say so: 'check' lists them.
        var orphans = compared.Orphans.Where(static o => o.Owner is not null).ToArray();
        if (orphans.Length == 0) return;
        var names = string.Join(", ", orphans.Take(Named).Select(static o => o.Owner!.Address)) + (orphans.Length > Named ? ", …" : "");
        problems.Report(new NodeProblem(
            "mail folders without an account",
            $"{orphans.Length} folders in {maildirPath} belong to accounts that the directory does not have: {names}",
            "put a newer mail.db back, or add each account again with 'mailserver user recover ADDRESS'"));
    }
}
