using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>
/// The address of an alias: a single address, a pattern (<c>sales-*@domain</c>, see <see cref="AliasPattern"/>), or a catch-all (<c>@domain</c>) for all addresses of a domain that do not exist
/// otherwise.
/// </summary>
public sealed record AliasAddress
{
    private AliasAddress(EmailAddress? address, string domain)
    {
        Address = address;
        Domain = domain;
    }

    /// <summary>The address, or the pattern with its asterisks; null for a catch-all.</summary>
    public EmailAddress? Address { get; }

    /// <summary>The domain, normalised.</summary>
    public string Domain { get; }

    public bool IsCatchAll => Address is null;

    /// <summary>True if it stands for all addresses that match it.</summary>
    public bool IsPattern => Address is not null && AliasPattern.IsPattern(Address.Local);

    /// <summary>Lookup key for storage.</summary>
    public string Key => Address?.Key ?? CatchAllKey(Domain);

    /// <summary>Returns the lookup key of the catch-all of <paramref name="domain"/>.</summary>
    public static string CatchAllKey(string domain) => "@" + domain;

    public static AliasAddress Of(EmailAddress address) => new(address, address.Domain);

    /// <summary>The catch-all of a domain.</summary>
    /// <param name="domain">The domain, normalised.</param>
    public static AliasAddress OfDomain(string domain) => new(null, domain);

    public static bool TryParse(string? text, [NotNullWhen(true)] out AliasAddress? alias)
    {
        alias = null;
        if (text is ['@', .. var name])
        {
            if (!EmailAddress.TryNormalizeDomain(name, out var domain)) return false;
            alias = new AliasAddress(null, domain);
            return true;
        }

        if (!EmailAddress.TryParse(text, out var address)) return false;
        alias = Of(address);
        return true;
    }

    public override string ToString() => Address?.ToString() ?? CatchAllKey(Domain);
}
