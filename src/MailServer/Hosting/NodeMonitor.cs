using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors;
using MailServer.Actors.Filtering;
using MailServer.Actors.History;
using MailServer.Actors.Inspection;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Sessions;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;
using MailServer.Web.Admin;
using MailServer.Web.Autoconfig;
using MailServer.Web.Metrics;
using MailServer.Web.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Hosting;

/// <summary>The observable state of the node: status, metrics, and the endpoints that expose them.</summary>
internal sealed class NodeMonitor
{
    private static readonly string[] Groups = ["sessions", "mailboxes", "collections", "delivery", "queue"];

    private readonly MailServerOptions _options;
    private readonly Node _node;
    private readonly ActorSystem _system;
    private readonly QueueAdministration _queue;
    private readonly SessionAdministration _sessions;
    private readonly MailboxAdministration _mailboxes;
    private readonly ActorTree _actors;
    private readonly ClusterAdministration? _cluster;
    private readonly HistoryAdministration _history;
    private readonly PrometheusCollector? _collector;
    private readonly DateTimeOffset _startedAt = TimeProvider.System.GetUtcNow();

    public NodeMonitor(MailServerOptions options, Node node, IServiceProvider services)
    {
        var registry = services.GetRequiredService<ActorRegistry>();
        var system = services.GetRequiredService<ActorSystem>();
        (_options, _node, _system) = (options, node, system);
        _queue = new QueueAdministration(registry, node.Services.Trace, node.Services.Pauses);
        _sessions = new SessionAdministration(system, registry);
        _mailboxes = new MailboxAdministration(system, registry);
        _actors = new ActorTree(system);
        _cluster = ClusterAdministration.Of(system, registry);
        _history = new HistoryAdministration(system, registry, TimeProvider.System);
        _collector = services.GetService<PrometheusCollector>();
    }

    /// <summary>Maps the admin API endpoints for the running server.</summary>
    public void MapAdmin(IEndpointRouteBuilder endpoints, LogLevels levels)
    {
        var scripts = new ScriptAdministration(_mailboxes.AskAsync, _node.Access.NoteChange, _node.Services.Scripts);
        endpoints.MapScripts(scripts, _node.Services.Directory);
        var rules = new RuleAdministration(scripts, _node.Access.NoteChange);
        endpoints.MapRules(new RuleService(rules, new FolderRuns(_mailboxes.AskAsync, _node.Access.NoteChange), TimeProvider.System), _node.Forwarding(_system, rules), _node.Services.Directory);
        endpoints.MapLive(new RuntimeServices
        {
            Sessions = _sessions,
            Mailboxes = _mailboxes,
            Actors = _actors,
            Bans = _node.Access.Bans,
            Outgoing = account => _node.Services.Admission?.UseOf(account),
            Directory = _node.Services.Directory,
            Administration = _node.Administration,
            CreateKeys = CreateKeys,
            LogLevels = levels,
            Audit = _node.Access.Audit,
            Time = TimeProvider.System,
            Status = StatusAsync,
        });
        endpoints.MapNewUsers(new NewUserServices(
            _node.Services.Directory, _node.Administration, password => WebPageHosting.Hash(_options, password), new PasswordHasher(_options.Security.HasherOptions).HashUnknown,
            _options.Server.WebPort == 0 ? null : ClientSettings.RootOf(_options.Server.Hostname, _options.Server.WebPort), _node.Services.Limits.ImportedAccounts, TimeProvider.System));
        endpoints.MapHistory(_history);
        endpoints.MapLogs(_node.Access.ReadAudit, filter => LogFileReader.Read(_options.Logging, filter));
        endpoints.MapCluster(_cluster, _node.Services.Directory);
    }

    private string? CreateKeys(string domain)
    {
        try
        {
            new DkimKeys(_options, _node).CreateFirst(domain);
            return null;
        }
        catch (PageException e)
        {
            return e.Message;
        }
    }

    public void MapMetrics(IEndpointRouteBuilder endpoints) => endpoints.MapMetrics(
        _collector!, GaugesAsync, new MetricsAccess(_options.Admin.MetricsTokenFile is { } file ? CredentialFiles.MetricsToken(file) : null));

    public async Task<StatusDocument> StatusAsync(CancellationToken cancel)
    {
        var queue = await _queue.SummarizeAsync(cancel);
        using var process = Process.GetCurrentProcess();
        return new StatusDocument(
            BuildVersion.Version,
            _options.Server.Hostname,
            Environment.ProcessId,
            _startedAt,
            [.. Ports()],
            await _sessions.CountAsync(cancel),
            new QueueStatusDocument(queue.Messages, queue.OldestAt, queue.Unavailable, queue.Parts) { Paused = [.. _queue.Pauses.List().Select(static p => p.Domain)] },
            (await _mailboxes.ListAsync(cancel)).Count,
            _node.Access.Bans.List().Count + _node.Access.Bans.ListNetworks().Count,
            Certificates(),
            new MemoryDocument(process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false)),
            Disk(),
            [.. _node.Health.Current.Where(static f => f.NeedsAction).Select(FindingDocument.Of)]);
    }

    private IEnumerable<PortDocument> Ports() =>
        from each in ListenRules.Ports(_options)
        from address in each.Addresses
        select new PortDocument(NameOf(each.Key), address.ToString(), each.Port);

    /// <summary>The name of a port in its configuration key: <c>imap</c> in <c>server.imap_port</c>, <c>admin</c> in <c>admin.port</c>.</summary>
    private static string NameOf(string key) => key.Split('.') switch
    {
        ["server", "smtps_port"] => "submissions",
        ["server", var name] => name[..name.LastIndexOf('_')],
        [var section, ..] => section,
        _ => key,
    };

    private IReadOnlyList<CertificateExpiryDocument> Certificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        return [.. _node.Certificates.Current.Select(c => Describe(c.Names, c.Certificate, now))];
    }

    private static CertificateExpiryDocument Describe(IReadOnlyList<string> names, X509Certificate2 certificate, DateTimeOffset now)
    {
        var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        return new CertificateExpiryDocument(names, certificate.Issuer, end, (int)Math.Floor((end - now).TotalDays));
    }

    private DiskDocument Disk()
    {
        var drive = new DriveInfo(Path.GetFullPath(_options.Storage.DataDir));
        return new DiskDocument(_options.Storage.DataDir, drive.AvailableFreeSpace, drive.TotalSize);
    }

    private async Task<IReadOnlyList<MetricSample>> GaugesAsync(CancellationToken cancel)
    {
        var status = await StatusAsync(cancel);
        var now = TimeProvider.System.GetUtcNow();
        using var process = Process.GetCurrentProcess();
        List<MetricSample> gauges =
        [
            new("mailserver_build_info", "The running version.", 1, Label("version", status.Version)),
            new("mailserver_queue_messages", "Messages in the queue of outgoing mail.", status.Queue.Messages),
            new("mailserver_queue_oldest_age_seconds", "The age of the oldest queued message.", status.Queue.OldestAt is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0),
            new("mailserver_queue_parts_unavailable", "Parts of the queue that do not answer; their messages are not counted.", status.Queue.UnavailableParts),
            new("mailserver_mailboxes_open", "Open mailboxes.", status.MailboxesOpen),
            new("mailserver_bans", "Banned addresses and networks.", status.Bans),
            new("mailserver_disk_free_bytes", "Free bytes of the file system with the data directory.", status.Disk.Free),
            new("mailserver_disk_size_bytes", "Size in bytes of the file system with the data directory.", status.Disk.Total),
            new("mailserver_managed_heap_bytes", "Size in bytes of the managed heap.", status.Memory.ManagedHeap),
            new("process_resident_memory_bytes", "Resident memory of the process in bytes.", status.Memory.Resident),
            new("process_cpu_seconds_total", "CPU time of the process in seconds.", process.TotalProcessorTime.TotalSeconds, IsCounter: true),
            new("process_start_time_seconds", "Start time of the process in seconds since 1970-01-01 UTC.", _startedAt.ToUnixTimeMilliseconds() / 1000.0),
        ];
        gauges.AddRange(Findings(_node.Health.Current));
        foreach (var certificate in status.Certificates)
            gauges.Add(new MetricSample("mailserver_certificate_expires_in_seconds", "Seconds until a certificate in use expires.", (certificate.NotAfter - now).TotalSeconds, Label("name", certificate.Names[0])));
        foreach (var group in Groups)
            gauges.Add(new MetricSample("mailserver_actor_inbox_messages", "Messages in the longest inbox of a group of actors.", _actors.Summarize("/user/" + group).FullestInbox, Label("actors", group)));
        return gauges;
    }

    private static IEnumerable<MetricSample> Findings(IReadOnlyList<Finding> findings)
    {
        foreach (var severity in Enum.GetValues<FindingSeverity>())
            yield return new MetricSample("mailserver_findings", "Findings of the checks by severity.", findings.Count(f => f.Severity == severity), Label("severity", FindingDocument.NameOf(severity)));
        const string Help = "Problems that need an administrator.";
        var problems = findings.Where(static f => f.Severity == FindingSeverity.Problem).ToArray();
        yield return new MetricSample("mailserver_problems", Help, problems.Count(static p => !p.StopsService), Label("stops_service", "no"));
        yield return new MetricSample("mailserver_problems", Help, problems.Count(static p => p.StopsService), Label("stops_service", "yes"));
    }

    private static KeyValuePair<string, string> Label(string name, string value) => new(name, value);
}
