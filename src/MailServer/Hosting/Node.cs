using MailServer.Actors;
using MailServer.Actors.Authentication;
using MailServer.Actors.Delivery;
using MailServer.Actors.Queue;
using MailServer.Commands;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.Listeners;
using MailServer.Network.Outbound;
using MailServer.Protocol.Messages;
using MailServer.Storage.Directory;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>The parts of a node, made from its configuration and disposed in the opposite order.</summary>
internal sealed partial class Node : IDisposable
{
    private readonly Stack<IDisposable> _parts = new();
    private readonly MailServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly Limits _limits;
    private readonly ConnectionGate _gate;
    private readonly Resolver _resolver;

    private Node(MailServerOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _limits = Limits.Default with { MaxMessageSize = options.Security.MaxMessageSize };
        // Loopback is this machine's own programs: webmail, a proxy, a load test.
        _gate = new ConnectionGate(_limits, boundLoopback: false);
        Keep(new HeapTrimmer(_gate, TimeProvider.System));
        _resolver = new Resolver(options.Dns.Servers, _limits);
        Logger = loggers.CreateLogger("MailServer");
        Certificates = new CertificateSelector(OpenCertificate());
        Services = Compose();
    }

    public ILogger Logger { get; }

    public CertificateSelector Certificates { get; }

    public NodeServices Services { get; }

    public static Node Compose(MailServerOptions options, ILoggerFactory loggers) => new(options, loggers);

    public MailListenerParts ListenerParts(IConnectionHandler handler) => new()
    {
        Handler = handler,
        Gate = _gate,
        Certificates = Certificates,
        Limits = _limits,
        Time = TimeProvider.System,
        Ids = new ConnectionIds(TimeProvider.System),
        Loggers = _loggers,
    };

    public void Dispose()
    {
        while (_parts.TryPop(out var part)) part.Dispose();
    }

    private T Keep<T>(T part) where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }

    private NodeServices Compose()
    {
        var format = new MessageFormat(_limits);
        var directory = Keep(DirectoryStore.Open(_options.Storage.DatabasePath, create: false, TimeProvider.System));
        var resolver = new Resolver(_options.Dns.Servers, _limits);
        var passwords = new StoredPasswords(_options.Security);
        var reporting = Reporting.Settings(_options, _limits, Keep(new HttpsUpload(resolver, _limits)));
        return new NodeServices
        {
            Hostname = _options.Server.Hostname,
            ServerId = ["mailserver", VersionCommand.Version.Split('+')[0]],
            RequireTls = _options.Security.RequireTls,
            Limits = _limits,
            Time = TimeProvider.System,
            Directory = directory,
            Authenticator = Keep(new Authenticator(directory, passwords, TimeProvider.System, _loggers.CreateLogger<Authenticator>())),
            Spool = new Spool(
                new SpoolOptions { Directory = _options.Storage.SpoolPath, Node = _options.Server.Hostname, Limits = _limits }, format, TimeProvider.System),
            Format = format,
            MaildirDirectory = _options.Storage.MaildirPath,
            SpoolDirectory = _options.Storage.SpoolPath,
            Outbound = Outbound(),
            Dns = resolver,
            Connector = new OutboundConnector(resolver, _limits, TimeProvider.System),
            Signer = _options.Security.SignOutbound ? new OutboundSigner(new DkimKeys(_options, Logger).Of) : null,
            Verifier = OpenVerifier(),
            Reports = reporting.Log,
            Reporting = reporting,
            Loggers = _loggers,
        };
    }

    private MessageVerifier? OpenVerifier()
    {
        var security = _options.Security;
        var checks = new TrustChecks(security.VerifySpf, security.VerifyDkim, security.VerifyDmarc);
        return checks.Any ? new MessageVerifier(_resolver, TimeProvider.System, _limits, _options.Server.Hostname, checks) : null;
    }

    private OutboundOptions Outbound() => new()
    {
        Relay = _options.Delivery.RelayHost is { } relay ? new RelayHost(relay.Host, relay.Port) : null,
        Port = _options.Delivery.SmtpPort,
        ConnectTimeout = _options.Delivery.ConnectTimeout,
        CommandTimeout = _options.Delivery.CommandTimeout,
        RequireTls = _options.Delivery.RequireTls,
        VerifyTls = _options.Delivery.VerifyTls,
        Schedule = new RetrySchedule
        {
            First = _options.Queue.RetryFirst,
            Longest = _options.Queue.RetryLongest,
            MaxRetries = _options.Queue.MaxRetries,
            MaxAge = _options.Queue.RetryMaxAge,
            DelayNotice = _options.Queue.DelayNotice,
        },
    };

    private ICertificateSource OpenCertificate()
    {
        if (_options.Tls is { CertFile: { } certificate, KeyFile: { } key })
            return Keep(new FileCertificateSource(certificate, key, TimeProvider.System, _loggers.CreateLogger<FileCertificateSource>()));
        var names = _options.Domains.Select(d => d.Name).Prepend(_options.Server.Hostname).Distinct();
        var cacheDir = _options.CertificateDirectory;
        var source = Keep(new SelfSignedCertificate(cacheDir, names, TimeProvider.System));
        LogSelfSigned(Logger, source.CertificateFile);
        return source;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No certificate is configured: clients are shown a self-signed one ({File}) and will warn")]
    private static partial void LogSelfSigned(ILogger logger, string file);
}
