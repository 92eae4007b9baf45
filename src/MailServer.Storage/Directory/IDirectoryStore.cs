using MailServer.Domain.Accounts;

namespace MailServer.Storage.Directory;

/// <summary>An open directory with read and write access: mail.db on a single node, PostgreSQL in a cluster.</summary>
public interface IDirectoryStore : IDirectory, IDisposable
{
    /// <summary>Returns a hosted domain (normalised); null if it is not hosted here.</summary>
    ValueTask<HostedDomain?> FindDomainAsync(string domain, CancellationToken cancel);

    /// <summary>Performs changes.</summary>
    IDirectoryAdministration Administration { get; }

    /// <summary>Number of migrations applied when the database was opened.</summary>
    int MigrationsApplied { get; }
}
