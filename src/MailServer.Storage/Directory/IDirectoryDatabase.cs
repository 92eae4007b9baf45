using System.Data.Common;

namespace MailServer.Storage.Directory;

/// <summary>A database that contains a directory. Failures are thrown as <see cref="Domain.Accounts.DirectoryException"/>.</summary>
internal interface IDirectoryDatabase
{
    /// <summary>Runs a change in a transaction, serialised with all other changes.</summary>
    ValueTask<T> ChangeAsync<T>(Func<DbConnection, T> change);

    /// <summary>Ensures, within a change, that new accounts receive higher ids than this one.</summary>
    void RaiseAccountIds(DbConnection connection, long id);

    ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancel);
}
