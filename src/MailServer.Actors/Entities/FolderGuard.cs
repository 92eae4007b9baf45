using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;

namespace MailServer.Actors.Entities;

/// <summary>Asks the directory whose folder an account's actor opens, and reports a folder that belongs to somebody else.</summary>
internal sealed class FolderGuard(IDirectory? directory, NodeProblems problems)
{
    /// <summary>Null when there is no such account, or the directory does not answer: what is open already is not closed for that.</summary>
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
        if (owner is not null) problems.Clear(ForeignFolderException.SubjectOf(owner));
    }

    public void Refused(Account? account, ForeignFolderException refusal)
    {
        if (account is not null) problems.Report(refusal.Describe(account));
    }
}
