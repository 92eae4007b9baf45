using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using MailServer.Network.Diagnostics;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Diagnostics;

/// <summary>Builds the DNS records of a domain from the configuration, the keys and the certificate.</summary>
internal static class DomainRecords
{
    private const string LetsEncrypt = "letsencrypt.org";

    /// <param name="options">The configuration.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="mode">The mode of its MTA-STS policy; null for that of the server.</param>
    /// <param name="addresses">The public addresses of this server; null for those of its interfaces.</param>
    /// <param name="withKeys">Whether the DKIM keys are read.</param>
    public static IReadOnlyList<ZoneRecord> RecordsOf(MailServerOptions options, string domain, MtaStsMode? mode, IReadOnlyList<IPAddress>? addresses = null, bool withKeys = true)
    {
        var policy = options.MtaStsPolicyOf(mode);
        var server = options.Server;
        return DomainDnsRecords.Records(new ZoneParameters
        {
            Domain = domain,
            Hostname = server.Hostname,
            Addresses = addresses ?? NetworkProbe.PublicAddresses(),
            DkimKeys = withKeys ? [.. DkimKeys(options, domain)] : [],
            CertificateKeyHashes = KeyHash(options) is { } hash ? [hash] : [],
            RelayHost = options.Delivery.RelayHost?.Host,
            CertificateAuthority = options.Tls.AutoTls && options.Tls.AcmeDirectory.Host.EndsWith(LetsEncrypt, StringComparison.Ordinal) ? LetsEncrypt : "",
            MtaStsId = server.HttpsPort != 0 && policy.Mode != MtaStsMode.None ? policy.Id : "",
            IsMtaStsEnforced = policy.Mode == MtaStsMode.Enforce,
            ImapsPort = server.ImapsPort,
            ImapPort = server.ImapPort,
            ManagesievePort = server.ManagesievePort,
            SubmissionsPort = server.SmtpsPort,
            SubmissionPort = server.SubmissionPort,
            HttpsPort = server.WebPort,
        });
    }

    /// <summary>The key hash of the host's certificate; null for a temporary self-signed one.</summary>
    private static string? KeyHash(MailServerOptions options)
    {
        var file = options.Tls.CertFile ?? AcmeStore.CertificateFile(options.CertificateDirectory, options.Server.Hostname);
        return CertificateReader.OfFile(file)?.KeyHash;
    }

    private static IEnumerable<(string Name, string Text)> DkimKeys(MailServerOptions options, string domain)
    {
        foreach (var settings in options.SigningKeys(domain))
        {
            DkimDnsRecord record;
            try
            {
                using var key = DkimKey.ParsePem(settings.Name, settings.DkimSelector, NamedFile.ReadText(settings.DkimKeyFile!));
                record = key.DnsRecord;
            }
            catch (FormatException e)
            {
                throw new CommandFailure($"'{settings.DkimKeyFile}': {e.Message}");
            }

            yield return (record.Name, record.Value);
        }
    }
}
