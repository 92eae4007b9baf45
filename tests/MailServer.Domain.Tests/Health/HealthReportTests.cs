using MailServer.Domain.Health;

namespace MailServer.Domain.Tests.Health;

/// <summary>The one list of findings.</summary>
public sealed class HealthReportTests
{
    private readonly NodeProblems _problems = new();
    private readonly HealthReport _report;

    public HealthReportTests() => _report = new HealthReport(_problems, TimeProvider.System);

    [Fact]
    public void What_stops_the_service_comes_first_then_the_severest()
    {
        _report.Announce("dns");
        _report.Record("queue", [CheckResult.Ok("queue", "is empty")]);
        _report.Record("disk", [CheckResult.Warning("disk", "is nearly full", "delete files")]);
        _report.Record("certificates", [CheckResult.Problem("certificate b", "expired"), CheckResult.Problem("certificate a", "expired")]);
        _problems.Report(new NodeProblem("index.db of user_7", "is damaged", "repair it"));
        _problems.Report(new NodeProblem("mail.db", "is damaged", "repair it", StopsService: true));
        Assert.Equal(
            ["mail.db", "certificate a", "certificate b", "index.db of user_7", "disk", "dns", "queue"],
            _report.Current.Select(static f => f.Subject));
        Assert.True(_report.StopsService);
        Assert.Equal("disk: is nearly full; delete files", _report.Current.Single(static f => f.Subject == "disk").ToString());
        Assert.Equal("certificate a: expired", _report.Current.Single(static f => f.Subject == "certificate a").ToString());
    }

    [Fact]
    public void A_check_that_has_not_run_is_neither_well_nor_a_warning()
    {
        _report.Announce("dns");
        var pending = Assert.Single(_report.Current);
        Assert.Equal((FindingSeverity.Pending, false, null), (pending.Severity, pending.NeedsAction, pending.CheckedAt));
        _report.Record("dns", [CheckResult.Ok("dns", "published")]);
        Assert.Equal(FindingSeverity.Ok, Assert.Single(_report.Current).Severity);
        Assert.NotNull(Assert.Single(_report.Current).CheckedAt);
        _report.Announce("dns");
        Assert.Equal(FindingSeverity.Ok, Assert.Single(_report.Current).Severity);
    }

    [Fact]
    public void A_reported_problem_takes_the_place_of_a_check_of_the_same_subject()
    {
        _report.Record("log", [CheckResult.Ok("log", "is written")]);
        _problems.Report(new NodeProblem("log", "cannot be written", "free some space"));
        Assert.Equal("log: cannot be written; free some space", Assert.Single(_report.Current).ToString());
        _problems.Clear("log");
        Assert.Equal("log: is written", Assert.Single(_report.Current).ToString());
    }

    [Fact]
    public void A_new_run_replaces_the_results_of_its_check_alone()
    {
        _report.Record("dkim", [CheckResult.Problem("dkim of a.example", "missing"), CheckResult.Ok("dkim of b.example", "published")]);
        _report.Record("dns", [CheckResult.Ok("dns", "published")]);
        _report.Record("dkim", [CheckResult.Ok("dkim of b.example", "published")]);
        Assert.Equal(["dkim/dkim of b.example", "dns/dns"], _report.Current.Select(static f => f.Id));
    }
}
