using System.Net;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Reports;

namespace MailServer.Storage.Tests.Reports;

public sealed class ReportStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 3, 4);

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("reports-").FullName;
    private ReportStore? _store;

    private Limits _limits = Limits.Default;

    private ReportStore Store => _store ??= ReportStore.Open(Path.Combine(_folder, "reports.db"), _limits);

    [Fact]
    public void Equal_observations_are_counted_and_different_ones_are_kept_apart()
    {
        Store.Record([Seen(), Seen(), Seen() with { Source = IPAddress.Parse("2001:db8::2") }, Seen() with { DkimAligned = false }], []);
        Reopen();
        Store.Record([Seen()], []);
        var observed = Store.Read(Assert.Single(Store.Pending()));
        Assert.Equal([3L, 1L, 1L], observed.Rows.Select(r => r.Count));
        Assert.Equal("v=DMARC1; rua=mailto:a@d.test", observed.PolicyRecord);
        var row = observed.Rows[0];
        Assert.Equal(("192.0.2.1", "none", true, false, "d.test", "e.test"), (row.Source, row.Disposition, row.DkimAligned, row.SpfAligned, row.HeaderFrom, row.EnvelopeFrom));
        Assert.Equal([new DkimObservation("d.test", "s", "pass"), new DkimObservation("?x\\y", "t", "fail")], row.Dkim);
        Assert.Equal([new SpfObservation("e.test", "softfail")], row.Spf);
        Assert.Equal(new PolicyOverrideReason("local_policy", ""), Assert.Single(row.Reasons));
    }

    [Fact]
    public void A_day_is_a_UTC_day()
    {
        var late = new DateTimeOffset(2026, 3, 5, 1, 0, 0, TimeSpan.FromHours(2));
        Store.Record([Seen() with { At = late }], []);
        var pending = Assert.Single(Store.Pending());
        Assert.Equal(Day, pending.Day);
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero), Store.Read(pending).Begin);
    }

    [Fact]
    public void TLS_sessions_are_counted_by_policy_and_by_failure()
    {
        var good = new TlsObservation { At = Noon, PolicyDomain = "D.test", PolicyType = TlsPolicyType.Sts, PolicyStrings = ["version: STSv1", "mode: enforce"], MxPatterns = ["*.d.test"], Failure = null, MxHost = "a.d.test" };
        var bad = good with { Failure = "certificate-expired", ReceivingAddress = IPAddress.Parse("192.0.2.9"), Information = "line\r\nbreak" };
        Store.Record([], [good, good with { MxHost = "b.d.test" }, bad, bad, bad with { MxHost = "b.d.test" }, good with { PolicyType = TlsPolicyType.None, PolicyStrings = [], MxPatterns = [] }]);
        var pending = Assert.Single(Store.Pending());
        Assert.Equal(new PendingReport(ReportKind.Tls, Day, "d.test", 6), pending);
        var policies = Store.Read(pending).Policies.OrderByDescending(p => p.Successful).ToArray();
        Assert.Equal(("sts", 2L, 3L), (policies[0].Type, policies[0].Successful, policies[0].Failed));
        Assert.Equal(["version: STSv1", "mode: enforce"], policies[0].Strings);
        Assert.Equal(["*.d.test"], policies[0].MxHosts);
        Assert.Equal([("a.d.test", 2L), ("b.d.test", 1L)], policies[0].Failures.Select(f => (f.MxHost, f.Count)));
        Assert.Equal("line??break", policies[0].Failures[0].Information);
        Assert.Equal(("no-policy-found", 1L, 0L), (policies[1].Type, policies[1].Successful, policies[1].Failed));
    }

    [Fact]
    public void Reported_observations_are_removed_and_newer_ones_stay()
    {
        Store.Record([Seen(), Seen()], []);
        var pending = Assert.Single(Store.Pending());
        var observed = Store.Read(pending);
        Store.Record([Seen(), Seen() with { HeaderFrom = "x.d.test" }], []);
        var sent = new SentReport(pending, "id", Noon.AddHours(1), Noon.AddHours(1), ["mailto:a@d.test"], "sent");
        Store.Finish(sent, observed.Counts);
        Reopen();
        Assert.Equal(2, Assert.Single(Store.Pending()).Messages);
        Assert.Equal(Noon.AddHours(1).AddSeconds(1), Store.Read(pending).Begin);
        Assert.Equivalent(sent, Assert.Single(Store.Sent(ReportKind.Dmarc, 10)), strict: true);
        Assert.Empty(Store.Sent(ReportKind.Tls, 10));
    }

    [Fact]
    public void Rows_are_limited_per_domain_and_per_day()
    {
        _limits = Limits.Default with { ReportRows = 3, ReportRowsPerDay = 5 };
        Store.Record([.. Enumerable.Range(1, 10).Select(i => Seen() with { Source = new IPAddress([192, 0, 2, (byte)i]) })], []);
        Assert.Equal(7, Store.Dropped);
        Store.Record([.. Enumerable.Range(1, 10).Select(i => Seen() with { PolicyDomain = $"{i}.test" })], []);
        Assert.Equal(15, Store.Dropped);
        // Existing rows are still counted.
        Store.Record([Seen() with { Source = IPAddress.Parse("192.0.2.1") }], []);
        Assert.Equal(15, Store.Dropped);
        Reopen();
        Store.Record([Seen() with { PolicyDomain = "new.test" }], []);
        Assert.Equal(1, Store.Dropped);
    }

    [Fact]
    public void A_received_report_is_found_again_and_a_duplicate_is_stored_once()
    {
        var first = Store.Keep(Received("1"), Encoding.ASCII.GetBytes("first"));
        Assert.Equal(first, Store.Keep(Received("1") with { Messages = 9 }, Encoding.ASCII.GetBytes("second")));
        var other = Store.Keep(Received("2"), []);
        Reopen();
        Assert.Equal([other, first], Store.Received(ReportKind.Dmarc, 10).Select(r => r.Id));
        var (report, document) = Store.FindReceived(ReportKind.Dmarc, first)!.Value;
        Assert.Equal(Received("1") with { Id = first, Messages = 9 }, report);
        Assert.Equal("second", Encoding.ASCII.GetString(document));
        Assert.Null(Store.FindReceived(ReportKind.Tls, first));
    }

    [Fact]
    public void Old_and_excess_reports_are_removed()
    {
        _limits = Limits.Default with { RetainedReports = 2, RetainedReportOctets = 150 };
        Store.Record([Seen() with { At = Noon.AddDays(-5) }, Seen()], []);
        Store.Keep(Received("old") with { ReceivedAt = Noon.AddDays(-100) }, []);
        Store.Keep(Received("first"), new byte[10]);
        Store.Keep(Received("large"), new byte[100]);
        Store.Keep(Received("last"), new byte[100]);
        Store.Prune(Day.AddDays(-3), Noon.AddDays(-90));
        Assert.Equal(Day, Assert.Single(Store.Pending()).Day);
        Assert.Equal(["last"], Store.Received(ReportKind.Dmarc, 10).Select(r => r.ReportId));
    }

    [Fact]
    public void Days_recorded_by_a_wrong_clock_are_removed()
    {
        Store.Record([Seen() with { At = Noon.AddYears(10) }, Seen()], []);
        Store.Prune(Day.AddDays(-3), Noon.AddDays(-90));
        Assert.Equal(Day, Assert.Single(Store.Pending()).Day);
    }

    [Fact]
    public void The_file_is_readable_only_by_its_owner()
    {
        Store.Record([], []);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "reports.db")));
    }

    public void Dispose()
    {
        _store?.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private static DmarcObservation Seen() => new()
    {
        At = Noon,
        Source = IPAddress.Parse("192.0.2.1"),
        HeaderFrom = "d.test",
        EnvelopeFrom = "e.test",
        PolicyDomain = "d.test",
        PolicyRecord = "v=DMARC1; rua=mailto:a@d.test",
        Disposition = "none",
        DkimAligned = true,
        SpfAligned = false,
        OverrideReason = "local_policy",
        Dkim = [new DkimObservation("d.test", "s", "pass"), new DkimObservation("\tx\\y", "t", "fail")],
        Spf = ("e.test", "softfail"),
    };

    private static ReceivedReport Received(string id) => new()
    {
        Kind = ReportKind.Dmarc,
        ReceivedAt = Noon,
        Domain = "d.test",
        Organization = "o",
        ReportId = id,
        Begin = Noon,
        End = Noon,
        Messages = 1,
        Failures = 0,
        Sender = "",
    };

    private void Reopen()
    {
        _store?.Dispose();
        _store = null;
    }
}
