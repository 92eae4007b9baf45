using MailServer.Domain.Accounts;

namespace MailServer.Storage.Postgres;

/// <summary>The shared note of which cluster is the current one. Members are named by address and incarnation.</summary>
/// <remarks>Every method throws <see cref="DirectoryException"/> when the database does not answer.</remarks>
public interface ICurrentCluster
{
    /// <summary>A member of the current cluster; null when there is no cluster.</summary>
    Task<string?> FindAsync(CancellationToken cancel);

    /// <summary>
    /// Notes <paramref name="member"/> as a member of the current cluster when there is none, or when one of <paramref name="known"/> is noted.
    /// False: another cluster is the current one.
    /// </summary>
    Task<bool> HoldAsync(string member, IReadOnlyCollection<string> known, CancellationToken cancel);

    /// <summary>The cluster ends with its last member.</summary>
    Task ReleaseAsync(string member, CancellationToken cancel);
}
