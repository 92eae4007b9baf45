using System.Net;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Network.Acme;
using MailServer.Network.Dns;

namespace MailServer.Hosting;

/// <summary>The host names for which this node needs certificates.</summary>
internal static class CertificateNames
{
    /// <summary>The labels below a domain to which clients and other servers connect with HTTPS: MTA-STS (RFC 8461 §3.3), autoconfig, autodiscover.</summary>
    public static readonly string[] Labels = ["mta-sts", "autoconfig", "autodiscover"];

    /// <summary>The host name and the configured names, and of each hosted domain the names that have an address in DNS.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(
        MailServerOptions options, IDirectoryAdministration directory, IResolver resolver, CancellationToken cancel)
    {
        var names = new List<string> { options.Server.Hostname };
        names.AddRange(options.Tls.Names);
        foreach (var domain in await directory.ListDomainsAsync(cancel))
        {
            foreach (var name in Labels.Select(label => $"{label}.{domain.Name}"))
                if (await IsWantedAsync(options, name, resolver, cancel)) names.Add(name);
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>During a DNS failure, names that already have a certificate keep it.</summary>
    private static async Task<bool> IsWantedAsync(MailServerOptions options, string name, IResolver resolver, CancellationToken cancel) =>
        await resolver.AddressesAsync(name, cancel) switch
        {
            DnsAnswer<IPAddress>.RecordsFound => true,
            DnsAnswer<IPAddress>.TemporaryFailure => File.Exists(AcmeStore.CertificateFile(options.CertificateDirectory, name)),
            _ => false,
        };
}
