using MailServer.Actors.Certificates;
using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Provides this node's certificates: from files, from a certificate authority, or self-signed.</summary>
internal sealed partial class CertificateProvisioning : IDisposable
{
    private readonly Stack<IDisposable> _parts = new();

    private CertificateProvisioning(MailServerOptions options, Func<CancellationToken, Task<IReadOnlyList<string>>> names, NodeProblems problems, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger<CertificateProvisioning>();
        Tls = new TlsAlpnChallenges(TimeProvider.System);
        if (options.Tls is { CertFile: { } certificate, KeyFile: { } key })
        {
            var file = Keep(new FileCertificateSource(
                new CertificateFiles(certificate, key, options.Server.Hostname), problems, TimeProvider.System, loggers.CreateLogger<FileCertificateSource>()));
            Selector = new CertificateSelector(file);
            return;
        }

        var hosts = options.Domains.Select(static d => d.Name).Prepend(options.Server.Hostname).Distinct();
        var fallback = Keep(new SelfSignedCertificateSource(options.CertificateDirectory, hosts, TimeProvider.System, loggers.CreateLogger<SelfSignedCertificateSource>()));
        Selector = new CertificateSelector(fallback) { Challenges = Tls };
        if (options.Tls.AutoTls) Managed = Manage(options, names, fallback, problems, loggers);
        else LogSelfSigned(log, fallback.CertificateFile);
    }

    public CertificateSelector Selector { get; }

    public HttpChallenges Http { get; } = new();

    public TlsAlpnChallenges Tls { get; }

    /// <summary>The services of the certificate actor; null: no certificates are ordered.</summary>
    public CertificateServices? Managed { get; }

    public static CertificateProvisioning Compose(
        MailServerOptions options, Func<CancellationToken, Task<IReadOnlyList<string>>> names, NodeProblems problems, ILoggerFactory loggers) => new(options, names, problems, loggers);

    public void Dispose()
    {
        while (_parts.TryPop(out var part)) part.Dispose();
    }

    private T Keep<T>(T part) where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }

    private CertificateServices Manage(
        MailServerOptions options, Func<CancellationToken, Task<IReadOnlyList<string>>> names, ICertificateSource fallback, NodeProblems problems, ILoggerFactory loggers)
    {
        var tls = options.Tls;
        var store = new AcmeStore(options.CertificateDirectory);
        var http = Keep(AcmeHttp.Create(tls.AcmeCaFile));
        IChallengeSolver solver = tls.AcmeChallenge switch
        {
            AcmeChallengeOption.TlsAlpn01 => Tls,
            AcmeChallengeOption.Dns01 => Keep(new DnsHookChallenges(tls.AcmeDnsHook!)),
            _ => Http,
        };
        // A DNS record is visible regardless of the node; HTTP and TLS-ALPN responses must be served by every node.
        var shared = options.Cluster.Enabled && tls.AcmeChallenge != AcmeChallengeOption.Dns01 ? new ClusterChallengeSolver(solver) : null;
        AcmeOptions Authority(Uri directory, ExternalAccount? external) => new()
        {
            Directory = directory,
            Email = tls.Email,
            External = external,
            Solver = shared ?? solver,
            Store = store,
            Http = http,
            Time = TimeProvider.System,
        };
        return new CertificateServices
        {
            Names = names,
            Issuer = Keep(new AcmeIssuer(Authority(tls.AcmeDirectory, CredentialFiles.External(tls)))),
            StagingIssuer = tls.AcmeRehearsal is { } rehearsal ? Keep(new AcmeIssuer(Authority(rehearsal, null))) : null,
            LoadStored = store.Load,
            Fallback = fallback,
            Selector = Selector,
            Challenges = shared,
            Problems = problems,
            Time = TimeProvider.System,
            RandomFraction = Random.Shared.NextDouble,
            Loggers = loggers,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No certificate is configured: using the self-signed certificate {File}; clients will show a warning")]
    private static partial void LogSelfSigned(ILogger logger, string file);
}
