using MailServer.Domain.Accounts;

namespace MailServer.Storage.Postgres;

/// <summary>The shared record of the current cluster. Members are identified by address and incarnation.</summary>
/// <remarks>Every method throws <see cref="DirectoryException"/> if the database is unavailable.</remarks>
public interface ICurrentClusterRegistry
{
    /// <summary>Returns a member of the current cluster; null if there is no cluster.</summary>
    Task<string?> FindAsync(CancellationToken cancel);

    /// <summary>
    /// Records <paramref name="member"/> as a member of the current cluster if there is none, or if one
    /// of the <paramref name="known"/> members is recorded. Returns false if another cluster is current.
    /// </summary>
    Task<bool> HoldAsync(string member, IReadOnlyCollection<string> known, CancellationToken cancel);

    /// <summary>Removes the record when the last member leaves the cluster.</summary>
    Task ReleaseAsync(string member, CancellationToken cancel);
}
