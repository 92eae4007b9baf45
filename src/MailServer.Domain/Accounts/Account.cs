using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A login that owns addresses and mail.</summary>
/// <param name="Id">Its number, for ever.</param>
/// <param name="Address">The login and first address.</param>
/// <param name="Enabled">A disabled account neither signs in nor receives.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Account(AccountId Id, EmailAddress Address, bool Enabled, DateTimeOffset CreatedAt)
{
    /// <summary>Its page shows the whole server too.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Octets that its mail may take; null: as much as the disk.</summary>
    public long? Quota { get; init; }

    /// <summary>The quota is its own, and not its domain's.</summary>
    public bool HasOwnQuota { get; init; }
}
