using MailServer.Actors.Access;
using MailServer.Actors.Inspection;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Sessions;
using MailServer.Actors.Trust;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;

namespace MailServer.Web.Admin;

/// <summary>What the admin API needs to look into the running server.</summary>
public sealed record LiveServices
{
    public required SessionAdministration Sessions { get; init; }

    public required MailboxAdministration Mailboxes { get; init; }

    public required ActorTree Actors { get; init; }

    public required BanList Bans { get; init; }

    /// <summary>What an account has sent; null when nothing is counted.</summary>
    public required Func<AccountId, OutgoingUse?> Outgoing { get; init; }

    public required IDirectory Directory { get; init; }

    public required ILogLevels LogLevels { get; init; }

    public required IAuditLog Audit { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The state of the whole node.</summary>
    public required Func<CancellationToken, Task<StatusDocument>> Status { get; init; }
}

/// <summary>How much each part of the server logs, changed while it runs and until it stops.</summary>
public interface ILogLevels
{
    /// <summary>Parts and their levels.</summary>
    IReadOnlyList<LogLevelDocument> List();

    /// <summary>False: there is no such part, or no such level.</summary>
    bool TrySet(string name, string level);
}
