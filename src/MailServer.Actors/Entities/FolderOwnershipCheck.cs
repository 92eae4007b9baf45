using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;

namespace MailServer.Actors.Entities;

/// <summary>Looks up the owner of the folder that an account's actor opens, and reports a folder that belongs to a different account.</summary>
internal sealed class FolderOwnershipCheck(IDirectory? directory, NodeProblems problems)
{
    /// <summary>Null when the account does not exist or the directory does not answer; a directory failure does not close open folders.</summary>
    public async ValueTask<Account?> FindAsync(AccountId account)
    {
        if (directory is null) return null;
        try
        {
            return await directory.FindAccountAsync(account, CancellationToken.None);
        }
        catch (Exception e) when (e is DirectoryException or System.Data.Common.DbException or IOException)
        {
            return null;
        }
    }

    public void Opened(Account? owner)
    {
        if (owner is not null) problems.Clear(FolderOwnerMismatchException.SubjectOf(owner));
    }

    public void Refused(Account? account, FolderOwnerMismatchException refusal)
    {
        if (account is not null) problems.Report(refusal.Describe(account));
    }
}
