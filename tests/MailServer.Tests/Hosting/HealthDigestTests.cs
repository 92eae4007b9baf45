using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Health;
using MailServer.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Tests.Hosting;

/// <summary>The administrators get mail about changes of the findings, and about nothing else.</summary>
public sealed class HealthDigestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("digest-").FullName;
    private readonly HealthReport _report = new(new NodeProblems(), TimeProvider.System);
    private readonly List<(string To, string Subject, string Text)> _sent = [];
    private SmtpReply _reply = new(250, "2.0.0", "done");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Changes_are_mailed_once_to_every_administrator_also_across_restarts()
    {
        _report.Record("queue", [CheckResult.Ok("queue", "is empty")]);
        await LookAsync();
        Assert.Empty(_sent);
        _report.Record("disk", [CheckResult.Warning("disk", "is nearly full", "delete files")]);
        await LookAsync();
        await LookAsync();
        Assert.Equal(("ann@example.org", "mail.example.org: 1 finding", "New:\n- disk: is nearly full; delete files\n\n'mailserver doctor' and the web page show the whole list.\n"), Assert.Single(_sent));
        // Another number in the text is no change.
        _report.Record("disk", [CheckResult.Warning("disk", "is nearly full (3 %)", "delete files")]);
        await LookAsync();
        Assert.Single(_sent);
        _report.Record("disk", [CheckResult.Ok("disk", "is well")]);
        await LookAsync();
        Assert.Equal("mail.example.org: all well again", _sent[1].Subject);
        Assert.StartsWith("Resolved:\n- disk: is nearly full", _sent[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_has_not_run_since_the_start_resolves_nothing()
    {
        _report.Record("dns", [CheckResult.Problem("dns of example.org", "MX is missing")]);
        await LookAsync();
        var restarted = new HealthReport(new NodeProblems(), TimeProvider.System);
        restarted.Announce("dns");
        await LookAsync(restarted);
        Assert.Single(_sent);
        restarted.Record("dns", [CheckResult.Ok("dns of example.org", "published")]);
        await LookAsync(restarted);
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task A_refused_message_is_tried_again()
    {
        _report.Record("disk", [CheckResult.Warning("disk", "is nearly full")]);
        _reply = new SmtpReply(452, "4.2.2", "later");
        await Assert.ThrowsAsync<IOException>(() => LookAsync());
        _reply = new SmtpReply(250, "2.0.0", "done");
        await LookAsync();
        await LookAsync();
        Assert.Equal(2, _sent.Count);
    }

    private async Task LookAsync(HealthReport? report = null)
    {
        using var digest = new HealthDigest(
            report ?? _report,
            static _ => ValueTask.FromResult<IReadOnlyList<Account>>([Account("ann@example.org", isAdmin: true, enabled: true), Account("ben@example.org", isAdmin: false, enabled: true), Account("eve@example.org", isAdmin: true, enabled: false)]),
            (to, subject, text, _) =>
            {
                _sent.Add((to.ToString(), subject, text));
                return Task.FromResult(_reply);
            },
            "mail.example.org", _folder, TimeProvider.System, NullLogger.Instance);
        await digest.LookAsync(default);
    }

    private static Account Account(string address, bool isAdmin, bool enabled) => new(new AccountId(1), EmailAddress.Parse(address), enabled, DateTimeOffset.UnixEpoch) { IsAdmin = isAdmin };
}
