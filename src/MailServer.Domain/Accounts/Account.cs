using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A user account, which owns addresses and mail.</summary>
/// <param name="Id">Unique id, never reused.</param>
/// <param name="Address">Login name and primary address.</param>
/// <param name="Enabled">False if the account can neither sign in nor receive mail, because it or its domain is disabled.</param>
/// <param name="CreatedAt">Creation time.</param>
public sealed record Account(AccountId Id, EmailAddress Address, bool Enabled, DateTimeOffset CreatedAt)
{
    /// <summary>False if the account is disabled, whatever the state of its domain.</summary>
    public bool EnabledItself { get; init; } = Enabled;

    /// <summary>True if the account administers the server.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>True for a shared mailbox: nobody can sign in to it, and accounts use the folders that it shares with them.</summary>
    public bool IsShared { get; init; }

    /// <summary>Mail quota in octets; null for no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>True if the quota is set for the account itself rather than inherited from its domain.</summary>
    public bool HasOwnQuota { get; init; }
}
