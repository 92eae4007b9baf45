using System.Security.Cryptography.X509Certificates;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Health;
using MailServer.Storage.MtaSts;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>The services for TLS to other servers: trusted authorities, MTA-STS policies, TLSA records.</summary>
internal sealed partial class TransportSecurityServices : IDisposable
{
    private readonly MtaStsCache? _cache;
    private readonly MtaStsPolicies? _policies;

    public TransportSecurityServices(MailServerOptions options, Resolver resolver, IOwnAddresses own, Limits limits, StoreProblems stores, ILoggerFactory loggers)
    {
        Roots = TrustedRoots.WithFile(options.Tls.ExtraCaFile);
        if (options.Delivery.MtaSts)
        {
            _cache = MtaStsCache.Open(options.Storage.MtaStsPath, limits.MtaStsPolicies, stores);
            var fetcher = new PolicyFetcher(resolver, limits, new AddressRule(own, options.Delivery.PrivateHosts), Roots, options.Delivery.MtaStsPort);
            _policies = new MtaStsPolicies(resolver, fetcher, _cache, limits, TimeProvider.System, loggers.CreateLogger<MtaStsPolicies>());
        }

        if (!options.Delivery.Dane || options.Delivery.RelayHost is not null) return;
        Dane = new DaneLookup(resolver);
        if (Dane.IsPossible) return;
        var log = loggers.CreateLogger<TransportSecurityServices>();
        LogNoDane(log);
    }

    /// <summary>The trusted authorities; null: those of the system.</summary>
    public X509Certificate2Collection? Roots { get; }

    public IMtaStsResolver MtaSts => _policies ?? (IMtaStsResolver)DisabledMtaSts.Instance;

    public DaneLookup? Dane { get; }

    public void Dispose()
    {
        _policies?.Dispose();
        _cache?.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "DANE is disabled: the resolver is not on this machine, and dns.trust_ad is not set")]
    private static partial void LogNoDane(ILogger logger);
}
