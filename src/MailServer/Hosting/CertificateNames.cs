using System.Net;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Network.Acme;
using MailServer.Network.Dns;

namespace MailServer.Hosting;

/// <summary>Which names this node needs certificates for.</summary>
internal static class CertificateNames
{
    /// <summary>The labels before a domain that clients and other servers open HTTPS to: MTA-STS (RFC 8461 §3.3), autoconfig, autodiscover.</summary>
    public static readonly string[] Labels = ["mta-sts", "autoconfig", "autodiscover"];

    /// <summary>The host and what is configured, always; those of the hosted domains as soon as they have an address.</summary>
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

    /// <summary>While DNS cannot be asked, what has a certificate keeps it.</summary>
    private static async Task<bool> IsWantedAsync(MailServerOptions options, string name, IResolver resolver, CancellationToken cancel) =>
        await resolver.AddressesAsync(name, cancel) switch
        {
            DnsAnswer<IPAddress>.Found => true,
            DnsAnswer<IPAddress>.TemporaryFailure => File.Exists(AcmeStore.CertificateFile(options.CertificateDirectory, name)),
            _ => false,
        };
}
