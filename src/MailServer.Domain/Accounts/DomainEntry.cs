using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Accounts;

/// <summary>A hosted domain with its settings and the numbers of its accounts and aliases.</summary>
public sealed record DomainEntry(string Name, int Accounts, int Aliases, DateTimeOffset CreatedAt)
{
    /// <summary>Quota in octets for accounts without their own; null for no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>False if mail for the domain is refused and its users cannot sign in.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The mode of its MTA-STS policy; null for that of the server.</summary>
    public MtaStsMode? MtaSts { get; init; }

    /// <summary>What administrators wrote about it; empty if nothing.</summary>
    public string Comment { get; init; } = "";

    /// <summary>The domain that receives its mail, under the same local parts; null if it has addresses of its own.</summary>
    public string? AliasOf { get; init; }

    /// <summary>The number of its mailing lists.</summary>
    public int Lists { get; init; }

    /// <summary>The alias that takes mail for addresses that do not exist; null if there is none.</summary>
    public AliasEntry? CatchAll { get; init; }
}

/// <summary>Finds one domain.</summary>
public static class DomainEntries
{
    /// <summary>Returns a hosted domain with its settings.</summary>
    /// <exception cref="DirectoryException">The domain is not hosted here.</exception>
    public static async ValueTask<DomainEntry> RequireDomainAsync(this IDirectoryAdministration directory, string domain, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return (await directory.ListDomainsAsync(cancel)).FirstOrDefault(d => d.Name == domain) ?? throw new DirectoryException(DirectoryRefusal.DomainUnknown, domain);
    }
}
