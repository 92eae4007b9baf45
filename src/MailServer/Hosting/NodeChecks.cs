using System.Net;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Certificates;
using MailServer.Actors.Queue;
using MailServer.Actors.Trust;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Network.Dns;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Hosting;

/// <summary>The checks of a running node, by name. <c>docs/operations.md</c> lists them.</summary>
internal sealed class NodeChecks
{
    private const int MostDomains = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly MailServerOptions _options;
    private readonly Node _node;
    private readonly ActorSystem _system;
    private readonly CertificateAdministration _certificates;
    private readonly QueueAdministration _queue;
    private readonly Resolver _resolver;

    public NodeChecks(MailServerOptions options, Node node, IServiceProvider services)
    {
        var registry = services.GetRequiredService<ActorRegistry>();
        (_options, _node, _system) = (options, node, services.GetRequiredService<ActorSystem>());
        _certificates = new CertificateAdministration(registry, node.Certificates);
        _queue = new QueueAdministration(registry, node.Services.Trace, node.Services.Pauses);
        _resolver = new Resolver(options.Dns.Servers, node.Services.Limits, options.Dns.TrustAd);
    }

    private IDirectoryAdministration Directory => _node.Administration;

    /// <summary>All checks except those in <c>health.skip</c>.</summary>
    public IEnumerable<HealthCheck> All()
    {
        var (minute, hour) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        HealthCheck[] all =
        [
            Local("actors", 5 * minute, ActorsAsync),
            Local("backup", 10 * minute, BackupAsync),
            Remote("block-lists", 6 * hour, 1 * minute, IfPublic("block lists", new BlockListCheck(_resolver, Lists(), _options.Server.Hostname).RunAsync)),
            Local("certificates", minute, CertificatesAsync),
            Local("clock", minute, static _ => One(MachineChecks.Clock())),
            Local("directory", minute, DirectoryAsync),
            Local("disk", minute, _ => One(MachineChecks.Disk(_options.Storage.DataDir))),
            Remote("dkim", hour, 5 * minute, DkimAsync),
            Remote("dns", hour, 5 * minute, DnsAsync),
            Local("log", minute, _ => One(CheckResult.Ok(LogHealth.Subject, _options.Logging.IsFile ? $"is written to {_options.Logging.Output}" : "is written to the standard output"))),
            Local("memory", minute, static _ => One(MachineChecks.Memory())),
            Remote("outgoing-mail", 6 * hour, 1 * minute, IfPublic("outgoing mail", async cancel => [await new Preflight(_options, _resolver).OutgoingAsync(_options.Health.Probe, cancel)])),
            Local("ports", 10 * minute, cancel => ListenerCheck.RunAsync(_options, cancel)),
            Local("queue", minute, QueueAsync),
            Local("version", hour, static _ => One(CheckResult.Ok("version", BuildVersion.Version))),
        ];
        return all.Where(c => !_options.Health.Skip.Contains(c.Name, StringComparer.Ordinal));
    }

    private static HealthCheck Local(string name, TimeSpan interval, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> run) =>
        new(name, interval, TimeSpan.FromSeconds(20), IsLocal: true, run);

    private static HealthCheck Remote(string name, TimeSpan interval, TimeSpan timeout, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> run) =>
        new(name, interval, timeout, IsLocal: false, run);

    /// <summary>A server that listens on loopback alone is a trial or a test, and makes no connections by itself.</summary>
    private Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> IfPublic(string subject, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> run) =>
        _options.Server.Listen.All(IPAddress.IsLoopback) ? _ => One(CheckResult.Ok(subject, "not checked: the server listens on loopback only (server.listen)")) : run;

    private static Task<IReadOnlyList<CheckResult>> One(CheckResult result) => Task.FromResult<IReadOnlyList<CheckResult>>([result]);

    private BlockLists Lists() => new(_resolver, _options.Health.BlockLists, _node.Services.Limits, TimeProvider.System, _node.Logger);

    private async Task<IReadOnlyList<CheckResult>> CertificatesAsync(CancellationToken cancel)
    {
        var listed = await _certificates.ListAsync(cancel);
        return [.. listed.Select(static c => CertificateFindings.Of(c, TimeProvider.System.GetUtcNow()))];
    }

    private async Task<IReadOnlyList<CheckResult>> QueueAsync(CancellationToken cancel)
    {
        const int Many = 1_000;
        var queue = await _queue.SummarizeAsync(cancel);
        var paused = _queue.Pauses.List().Select(static p => CheckResult.Warning(
            p.IsOfEverything ? "mail to other servers" : $"mail to {p.Domain}", $"is paused since {UtcText.Of(p.Since)}{(p.Reason.Length > 0 ? $" ({p.Reason})" : "")}",
            $"resume it with 'mailserver queue resume {(p.IsOfEverything ? "--all" : p.Domain)}'")).ToList();
        if (queue.Unavailable > 0)
            return [.. paused, CheckResult.Problem("queue", $"{Quantity.Of(queue.Unavailable, "part")} of {queue.Parts} {(queue.Unavailable == 1 ? "does" : "do")} not answer", "see 'mailserver status' for problems of the journal, and the log")];
        if (queue.OldestAt is not { } oldest) return [.. paused, CheckResult.Ok("queue", "is empty")];
        var age = TimeProvider.System.GetUtcNow() - oldest;
        var text = $"{Quantity.Of(queue.Messages, "message")}, the oldest queued {HumanReadable.Age(age)} ago";
        return [.. paused, queue.Messages > Many || age > _options.Queue.DelayNotice ? CheckResult.Warning("queue", text, "see 'mailserver queue list'") : CheckResult.Ok("queue", text)];
    }

    private async Task<IReadOnlyList<CheckResult>> DirectoryAsync(CancellationToken cancel)
    {
        var domains = await Directory.ListDomainsAsync(cancel);
        if (domains.Count == 0) return [CheckResult.Warning("directory", "no domain is hosted", "add one with 'mailserver domain add'")];
        var empty = domains.Where(static d => d is { Accounts: 0, Aliases: 0 }).Select(static d => d.Name).ToArray();
        var disabled = domains.Where(static d => !d.Enabled).Select(static d => d.Name).ToArray();
        var text = $"{Quantity.Of(domains.Count, "domain")}{(disabled.Length > 0 ? $" ({string.Join(", ", disabled)} disabled)" : "")}, {Quantity.Of(domains.Sum(static d => d.Accounts), "user")}, {Quantity.Of(domains.Sum(static d => d.Aliases), "alias", "aliases")}";
        return
        [
            empty.Length == 0 ? CheckResult.Ok("directory", text) : CheckResult.Warning("directory", $"{text}; {string.Join(", ", empty)} without any address", "add one with 'mailserver user add'"),
        ];
    }

    private async Task<IReadOnlyList<CheckResult>> ActorsAsync(CancellationToken cancel)
    {
        var (silent, asked) = await ActorHealthProbe.ProbeAsync(_system, deep: true, Patience);
        return
        [
            silent.Count == 0
                ? CheckResult.Ok("actors", $"{Quantity.Of(asked, "actor")} checked, all respond")
                : CheckResult.Problem("actors", $"no response from {string.Join(", ", silent.Take(10))}", "if this persists, restart the server with 'systemctl restart mailserver'"),
        ];
    }

    private async Task<IReadOnlyList<CheckResult>> BackupAsync(CancellationToken cancel)
    {
        var oldest = (await Directory.ListDomainsAsync(cancel)).Min(static d => (DateTimeOffset?)d.CreatedAt);
        return [BackupCheck.Run(_options.Storage.DataDir, oldest, _options.Health.BackupAge, TimeProvider.System.GetUtcNow())];
    }

    /// <summary>The address and the reverse record of the host, and the records of every domain except its DKIM keys.</summary>
    private async Task<IReadOnlyList<CheckResult>> DnsAsync(CancellationToken cancel)
    {
        var results = new List<CheckResult>(await new Preflight(_options, _resolver).CheckHostAsync(cancel));
        var check = new ZoneCheck(new RecordLookup(_options.Dns.Servers, _node.Services.Limits), _resolver, _options.Server.Hostname, TimeProvider.System);
        foreach (var domain in await DomainsAsync(cancel))
            results.Add(DomainCheck.Summarize(domain.Name, await check.CheckAsync(DomainRecords.RecordsOf(_options, domain.Name, domain.MtaSts, withKeys: false), cancel)));
        return results;
    }

    private async Task<IReadOnlyList<CheckResult>> DkimAsync(CancellationToken cancel)
    {
        if (!_options.Security.SignOutbound) return [CheckResult.Ok("dkim", "mail is not signed here (security.sign_outbound)")];
        var keys = new DkimRotation(_options, () => _resolver, TimeProvider.System, static (_, _, _) => { });
        var results = new List<CheckResult>();
        foreach (var domain in await DomainsAsync(cancel)) results.Add(await DkimAsync(keys, domain.Name, cancel));
        return results;
    }

    private static async Task<CheckResult> DkimAsync(DkimRotation keys, string domain, CancellationToken cancel)
    {
        var subject = "dkim of " + domain;
        var active = keys.List(domain).Where(static k => k.State == DkimKeyState.Active).ToArray();
        if (active.Length == 0) return CheckResult.Problem(subject, "no key signs its mail", $"run 'mailserver dkim generate --domain {domain}'");
        var faults = new List<string>();
        foreach (var file in active)
        {
            try
            {
                using var key = file.Read();
                if (await keys.FindProblemAsync(key, cancel) is { } fault) faults.Add($"{key.DnsRecord.Name}: {fault}");
            }
            catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
            {
                return CheckResult.Problem(subject, $"{file.File} cannot be read: {e.Message}", "repair the file or its permissions");
            }
        }

        if (faults.Count == 0) return CheckResult.Ok(subject, $"{Quantity.Of(active.Length, "key")} readable and published");
        var text = string.Join("; ", faults);
        // A failed lookup says nothing about the record.
        return faults.All(static f => f.Contains(": unknown (", StringComparison.Ordinal))
            ? CheckResult.Warning(subject, text, "check the resolvers in dns.servers")
            : CheckResult.Problem(subject, text, $"publish the records that 'mailserver dkim dns --domain {domain}' prints");
    }

    /// <summary>The domains that receive mail: the records of a disabled one do not matter now.</summary>
    private async Task<IEnumerable<DomainEntry>> DomainsAsync(CancellationToken cancel) => (await Directory.ListDomainsAsync(cancel)).Where(static d => d.Enabled).Take(MostDomains);
}
