using System.Data.Common;

namespace MailServer.Storage.Directory;

/// <summary>A database that holds a directory. Its failures are thrown as <see cref="Domain.Accounts.DirectoryException"/>.</summary>
internal interface IDirectoryDatabase
{
    /// <summary>Does one change in a transaction of its own, with no other change beside it.</summary>
    ValueTask<T> ChangeAsync<T>(Func<DbConnection, T> change);

    /// <summary>Within a change: accounts that are added from now on get higher ids than this one.</summary>
    void RaiseAccountIds(DbConnection connection, long id);

    ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancel);
}
