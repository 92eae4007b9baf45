using MailServer.Actors.Access;
using MailServer.Actors.Inspection;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Sessions;
using MailServer.Actors.Trust;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;

namespace MailServer.Web.Admin;

/// <summary>The services that the runtime endpoints of the admin API use.</summary>
public sealed record RuntimeServices
{
    public required SessionAdministration Sessions { get; init; }

    public required MailboxAdministration Mailboxes { get; init; }

    public required ActorTree Actors { get; init; }

    public required BanList Bans { get; init; }

    /// <summary>The outgoing mail of an account; null if it is not counted.</summary>
    public required Func<AccountId, OutgoingUsage?> Outgoing { get; init; }

    public required IDirectory Directory { get; init; }

    public required IDirectoryAdministration Administration { get; init; }

    /// <summary>Creates the DKIM keys of a new domain; returns why it cannot, or null.</summary>
    public required Func<string, string?> CreateKeys { get; init; }

    public required ILogLevels LogLevels { get; init; }

    public required IAuditLog Audit { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Gathers the state of the node.</summary>
    public required Func<CancellationToken, Task<StatusDocument>> Status { get; init; }
}

/// <summary>The log level of each component of the server. Changes apply until the server stops.</summary>
public interface ILogLevels
{
    /// <summary>The components and their levels.</summary>
    IReadOnlyList<LogLevelDocument> List();

    /// <summary>Sets a level; false if the component or the level is unknown.</summary>
    bool TrySet(string name, string level);
}
