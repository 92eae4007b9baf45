using System.Data.Common;
using Akka.Actor;
using MailServer.Actors.Certificates;
using MailServer.Actors.Queue;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Diagnostics;

/// <summary>Examines the running server: reported problems, certificates, queue, disk, directory, actors, clock.</summary>
internal sealed class NodeDoctor(
    MailServerOptions options, IDirectoryAdministration directory, NodeProblems problems, CertificateAdministration certificates, QueueAdministration queue, ActorSystem system,
    TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancel)
    {
        var findings = new List<Finding>(problems.Current.Select(static p => Finding.Problem(p.Subject, $"{p.Text}; {p.Remedy}")));
        findings.AddRange(await TryAsync("certificates", () => CertificatesAsync(cancel)));
        findings.AddRange(await TryAsync("queue", () => QueueAsync(cancel)));
        findings.AddRange(MachineChecks.Run(options));
        findings.AddRange(await TryAsync("directory", () => DirectoryAsync(cancel)));
        findings.AddRange(await TryAsync("actors", ActorsAsync));
        return findings;
    }

    /// <summary>Runs a check. Its failure is a finding, so that the other checks still run.</summary>
    private static async Task<IEnumerable<Finding>> TryAsync(string subject, Func<Task<IEnumerable<Finding>>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception e) when (e is AskTimeoutException or DbException or DirectoryException or IOException)
        {
            return [Finding.Problem(subject, e.Message)];
        }
    }

    private async Task<IEnumerable<Finding>> CertificatesAsync(CancellationToken cancel)
    {
        var listed = await certificates.ListAsync(cancel);
        return listed.Select(c => CertificateFindings.Of(c, time.GetUtcNow()));
    }

    private async Task<IEnumerable<Finding>> QueueAsync(CancellationToken cancel)
    {
        const int Many = 1_000;
        var listed = await queue.ListAsync(1, cancel);
        if (listed.Count == 0) return [Finding.Ok("queue", "is empty")];
        var age = time.GetUtcNow() - listed.Items[0].QueuedAt;
        var text = $"{Quantity.Of(listed.Count, "message")}, the oldest queued {HumanReadable.Age(age)} ago; see 'mailserver queue list'";
        return [listed.Count > Many || age > options.Queue.DelayNotice ? Finding.Warning("queue", text) : Finding.Ok("queue", text)];
    }

    private async Task<IEnumerable<Finding>> DirectoryAsync(CancellationToken cancel)
    {
        var domains = await directory.ListDomainsAsync(cancel);
        if (domains.Count == 0) return [Finding.Warning("directory", "no domain is hosted; add one with 'mailserver domain add'")];
        var empty = domains.Where(static d => d is { Accounts: 0, Aliases: 0 }).Select(static d => d.Name).ToArray();
        var text = $"{Quantity.Of(domains.Count, "domain")}, {Quantity.Of(domains.Sum(static d => d.Accounts), "user")}, {Quantity.Of(domains.Sum(static d => d.Aliases), "alias", "aliases")}";
        return [empty.Length == 0 ? Finding.Ok("directory", text) : Finding.Warning("directory", $"{text}; {string.Join(", ", empty)} without any address: add one with 'mailserver user add'")];
    }

    private async Task<IEnumerable<Finding>> ActorsAsync()
    {
        var (silent, asked) = await ActorHealthProbe.ProbeAsync(system, deep: true, Patience);
        return silent.Count == 0
            ? [Finding.Ok("actors", $"{Quantity.Of(asked, "actor")} checked, all respond")]
            : [Finding.Problem("actors", $"no response from {string.Join(", ", silent.Take(10))}")];
    }
}
