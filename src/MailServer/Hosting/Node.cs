using Akka.Hosting;
using MailServer.Actors;
using MailServer.Actors.Collections;
using MailServer.Actors.Delivery;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Actors.Maintenance;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Health;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.Listeners;
using MailServer.Network.Listeners.Proxy;
using MailServer.Network.Outbound;
using MailServer.Network.Push;
using MailServer.Protocol.Dav.Push;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp.SenderRewriting;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Maildir;
using MailServer.Storage.Spool;
using MailServer.Storage.Journal;
using MailServer.Storage.Tracing;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Creates the services of a node from its configuration and disposes them in reverse order.</summary>
internal sealed partial class Node : IDisposable
{
    private const string ScriptSubject = "scripts of the configuration";
    private readonly Stack<IDisposable> _parts = new();
    private readonly MailServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly Limits _limits;
    private readonly ConnectionGate _gate;
    private readonly Resolver _resolver;
    private readonly OwnAddresses _own;
    private readonly DiskReserve _disk;
    private readonly TransportSecurityServices _transport;
    private IDirectoryStore _directory = null!;

    private Node(MailServerOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _limits = (Limits.Default with { MaxMessageSize = options.Security.MaxMessageSize, DavContact = (int)options.Storage.MaxContactSize }).Within(OpenFileLimit.Find());
        OpenContents.OfProcess.Most = _limits.OpenContents;
        // Local programs such as webmail, a proxy or a load test connect through loopback.
        _gate = new ConnectionGate(_limits, boundLoopback: false);
        Keep(new HeapTrimmer(_gate, TimeProvider.System, loggers.CreateLogger<HeapTrimmer>()));
        _resolver = new Resolver(options.Dns.Servers, _limits, options.Dns.TrustAd);
        _own = new OwnAddresses(_resolver, [options.Server.Hostname], TimeProvider.System);
        Logger = loggers.CreateLogger("MailServer");
        Problems = new NodeProblems { Changed = OnProblem };
        Health = new HealthReport(Problems, TimeProvider.System);
        Keep(new ClockMonitor(options.Storage.DataDir, Problems, TimeProvider.System, loggers.CreateLogger<ClockMonitor>()));
        Stores = new StoreProblems(Problems);
        _disk = DiskReserve.Open(options.Storage.DataDir, Stores);
        Shared = Keep(SharedStores.Open(options, Problems, Stores, loggers));
        CertificateParts = Keep(CertificateProvisioning.Compose(options, NamesAsync, Problems, loggers));
        _transport = Keep(new TransportSecurityServices(options, _resolver, _own, _limits, Stores, loggers));
        Access = Keep(new NodeAccessControl(options, Shared, _limits, Stores, loggers));
        Services = Compose();
        Keep(new DataDirectoryMonitor(Stores, _disk, _directory as RecoveringDirectory, ReportFoldersAsync, loggers.CreateLogger<DataDirectoryMonitor>()));
    }

    public ILogger Logger { get; }

    public CertificateProvisioning CertificateParts { get; }

    public CertificateSelector Certificates => CertificateParts.Selector;

    public IDirectoryAdministration Administration => _directory.Administration;

    /// <summary>Returns a hosted domain; null if it is not hosted here.</summary>
    public ValueTask<HostedDomain?> FindDomainAsync(string domain, CancellationToken cancel) => _directory.FindDomainAsync(domain, cancel);

    public NodeServices Services { get; }

    public NodeAccessControl Access { get; }

    public SharedStores Shared { get; }

    public NodeProblems Problems { get; }

    /// <summary>The list of findings: the problems of components, and the results of the checks.</summary>
    public HealthReport Health { get; }

    public StoreProblems Stores { get; }

    public ProxyProtocolOptions Proxy => new(_options.Server.ProxyProtocolFrom, _limits.ProxyHeaderTimeout);

    public static Node Compose(MailServerOptions options, ILoggerFactory loggers) => new(options, loggers);

    public MailListenerServices ListenerParts(IConnectionHandler handler) => new()
    {
        Handler = handler,
        Gate = _gate,
        Bans = Access.Bans,
        Proxy = Proxy,
        Certificates = Certificates,
        BindsSignIns = _options.Tls.ChannelBinding,
        Limits = _limits,
        Time = TimeProvider.System,
        Ids = new ConnectionIds(TimeProvider.System),
        Loggers = _loggers,
    };

    public MaintenanceService Maintain(IReadOnlyActorRegistry actors) =>
        Keep(new MaintenanceService(actors, BackupLayout.PlacesOf(_options, null), Services.Spool, Services.Problems, TimeProvider.System));

    public DeliveryTest DeliveryTest(Akka.Actor.ActorSystem system) => new(system, Services.Spool, _directory, _options.Server.Hostname, TimeProvider.System);

    public ForwardingAdministration Forwarding(Akka.Actor.ActorSystem system, RuleAdministration rules) =>
        new(rules, new ForwardingMail(system, Services.Spool, _options.Server.Hostname, TimeProvider.System).SendAsync, TimeProvider.System);

    public BackupJobs BackupJobs(MaintenanceService maintenance) => Keep(new BackupJobs(
        maintenance, new BackupJobSettings(_options.Storage.BackupDir, _options.Storage.DataDir, _options.ConfigurationFile, AccountsAsync), TimeProvider.System, Logger));

    /// <summary>The accounts of this node, from the directory or, while it is unavailable, from the mail folders.</summary>
    public async Task<IReadOnlyList<AccountId>> AccountsAsync(CancellationToken cancel)
    {
        try
        {
            return [.. (await Administration.ListAccountsAsync(null, cancel)).Select(static a => a.Id)];
        }
        catch (DirectoryException e) when (e.IsTemporary)
        {
            return AccountFolder.List(_options.Storage.MaildirPath);
        }
    }

    /// <summary>Whether an account is in the directory or, while it is unavailable, has a mail folder.</summary>
    public async Task<bool> AccountExistsAsync(AccountId account, CancellationToken cancel)
    {
        try
        {
            return await Services.Directory.FindAccountAsync(account, cancel) is not null;
        }
        catch (DirectoryException e) when (e.IsTemporary)
        {
            return AccountFolder.List(_options.Storage.MaildirPath).Contains(account);
        }
    }

    /// <summary>Compares accounts and mail folders. An unavailable directory is only logged here; it is reported as a problem elsewhere.</summary>
    public async Task ReportFoldersAsync(CancellationToken cancel)
    {
        try
        {
            AccountFolderReport.Report(new AccountFolders(_options.Storage.MaildirPath), await Administration.ListAccountsAsync(null, cancel), _options.Storage.MaildirPath, Problems);
        }
        catch (Exception e) when (e is DirectoryException or IOException or UnauthorizedAccessException)
        {
            LogNotCompared(Logger, e);
        }
    }

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
        _directory = Keep(Shared.OpenDirectory(Access.NoteChange));
        var keys = new KeyFiles(_options.Storage.DataDir, Stores, TimeProvider.System);
        var reporting = ReportSettingsFactory.Create(_options, _limits, Keep(new HttpsUploader(_resolver, _limits, new AddressRule(_own, _options.Delivery.PrivateHosts))));
        return new NodeServices
        {
            Hostname = _options.Server.Hostname,
            ServerId = ["mailserver", BuildVersion.Version.Split('+')[0]],
            DisabledImapCapabilities = _options.Imap.Disabled,
            ServerAnnotations = _options.Imap.ServerAnnotations,
            RequireTls = _options.Security.RequireTls,
            Limits = _limits,
            Problems = Problems,
            Stores = Stores,
            OpenStores = new OpenStores(_limits.OpenStores, Problems),
            Time = TimeProvider.System,
            Directory = _directory,
            Audit = Access.Audit,
            Guard = Access.Guard,
            Pauses = Access.Pauses,
            Authenticator = Keep(Access.Authenticator(_directory, _options, keys, _limits, _loggers)),
            Spool = new MessageSpool(
                new SpoolOptions { Directory = _options.Storage.SpoolPath, Node = SpoolNameOf(_options), IsShared = _options.Cluster.Enabled, Limits = _limits, IsFull = () => _disk.IsFull }, format, TimeProvider.System),
            Journal = _options.Cluster.Enabled ? null : Keep(new JournalFile(_options.Storage.JournalPath, _options.Storage.SpoolPath, QueueJournal.CanRead, TimeProvider.System)),
            Format = format,
            Indexing = _options.Imap.SearchIndex ? new IndexingThread() : null,
            MaildirDirectory = _options.Storage.MaildirPath,
            HistoryPath = _options.Storage.HistoryPath,
            SpoolDirectory = _options.Storage.SpoolPath,
            Outbound = Outbound(),
            Dns = _resolver,
            Connector = new OutboundConnector(_resolver, _limits, TimeProvider.System, _transport.Roots),
            MtaSts = _transport.MtaSts,
            Dane = _transport.Dane,
            Signer = _options.Security.SignOutbound ? OpenSigner() : null,
            Verifier = OpenVerifier(),
            Push = OpenPush(keys),
            Rewriter = new SenderRewriter(keys.OpenSrsKey(), TimeProvider.System),
            Admission = InboundPolicyFactory.OpenAdmission(_options, _resolver, _limits, Stores, _loggers, part => Keep(part)),
            Trace = Keep(new MessageTrace(TraceStore.Open(_options.Storage.TracePath, Stores), TimeProvider.System, _limits, _loggers.CreateLogger<MessageTrace>())),
            Reports = reporting.Log,
            Reporting = reporting,
            Scripts = OpenScripts(),
            Cluster = ClusterServicesFactory.Compose(_options, Shared, Problems, _loggers),
            Loggers = _loggers,
        };
    }

    /// <summary>The unique name of this node in a shared spool: nodes may share a host name, but not a node name.</summary>
    public static string SpoolNameOf(MailServerOptions options) =>
        options.Cluster.Enabled ? $"{options.Cluster.NodeName}.{options.Server.Hostname}" : options.Server.Hostname;

    /// <summary>Reads the administrator's scripts again and returns their errors, which are also reported as a problem until a later reload finds none.</summary>
    public IReadOnlyList<string> ReloadScripts()
    {
        var faults = SieveFiles.Load(_options.Sieve, Services.Scripts);
        if (faults.Count == 0) Problems.Clear(ScriptSubject);
        else Problems.Report(new NodeProblem(ScriptSubject, $"{string.Join("; ", faults)}; the scripts before the reload stay in use", "correct the file, then reload the server (SIGHUP)"));
        return faults;
    }

    private MessageVerifier? OpenVerifier()
    {
        var security = _options.Security;
        var checks = InboundPolicyFactory.Checks(security);
        return checks.Any ? new MessageVerifier(_resolver, TimeProvider.System, _limits, _options.Server.Hostname, checks) : null;
    }

    private OutboundSigner OpenSigner()
    {
        var keys = new DkimKeyCache(_options, Problems);
        Keep(new DkimKeyMonitor(keys, _loggers.CreateLogger<DkimKeyMonitor>()));
        return new OutboundSigner(keys.Of, keys.CanSign);
    }

    // The configuration was checked before: a fault now is a file that was changed since.
    private ServerScripts OpenScripts()
    {
        var scripts = SieveFiles.Open(_options);
        return SieveFiles.Load(_options.Sieve, scripts) is [var fault, ..] ? throw new CommandFailure(fault) : scripts;
    }

    private PushServices? OpenPush(KeyFiles keys) => _options.Push.Enabled
        ? new PushServices(new VapidSigner(keys.OpenPushKey(), $"mailto:postmaster@{_options.Server.Hostname}", TimeProvider.System), Keep(new WebPushSender(_resolver, _own, _options.Push.PrivateHosts)))
        : null;

    private OutboundOptions Outbound() => new()
    {
        Relay = RelayHosts.Default(_options.Delivery),
        Routes = RelayHosts.Routes(_options.Delivery),
        RelayPlaintextAuth = _options.Delivery.RelayPlaintextAuth,
        Port = _options.Delivery.SmtpPort,
        AddressRule = new AddressRule(_own, _options.Delivery.PrivateHosts),
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

    private Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancel) => CertificateNames.FindAsync(_options, Administration, _resolver, cancel);

    private void OnProblem(NodeProblem problem, bool isCurrent)
    {
        if (isCurrent) LogProblem(Logger, problem.Subject, problem.Text, problem.Remedy);
        else LogProblemGone(Logger, problem.Subject);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Subject}: {Text}; {Remedy}")]
    private static partial void LogProblem(ILogger logger, string subject, string text, string remedy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparison of accounts and mail folders failed")]
    private static partial void LogNotCompared(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Subject}: problem resolved")]
    private static partial void LogProblemGone(ILogger logger, string subject);
}
