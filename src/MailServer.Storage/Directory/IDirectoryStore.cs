using MailServer.Domain.Accounts;

namespace MailServer.Storage.Directory;

/// <summary>A directory that is open: its questions, and its changes. It is mail.db on one node and PostgreSQL on two.</summary>
public interface IDirectoryStore : IDirectory, IDisposable
{
    /// <summary>Where changes are made.</summary>
    IDirectoryAdministration Administration { get; }

    /// <summary>The steps by which the schema was brought up to date when it was opened; 0 when it was.</summary>
    int MigrationsApplied { get; }
}
