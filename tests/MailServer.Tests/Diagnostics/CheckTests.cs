using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;

namespace MailServer.Tests.Diagnostics;

/// <summary>What single checks find out.</summary>
public sealed class CheckTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("checks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, null, FindingSeverity.Ok)]
    [InlineData(null, 3, FindingSeverity.Ok)]
    [InlineData(null, 8, FindingSeverity.Warning)]
    [InlineData(1, 400, FindingSeverity.Ok)]
    [InlineData(8, 400, FindingSeverity.Warning)]
    public void A_backup_is_overdue_after_a_week(int? lastDaysAgo, int? domainDaysAgo, FindingSeverity expected)
    {
        if (lastDaysAgo is { } days)
            File.WriteAllText(Path.Combine(_folder, "last-backup"), string.Create(CultureInfo.InvariantCulture, $"{(Now - TimeSpan.FromDays(days)).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\n/srv/backup\n"));
        var result = BackupCheck.Run(_folder, domainDaysAgo is { } old ? Now - TimeSpan.FromDays(old) : null, TimeSpan.FromDays(7), Now);
        Assert.Equal(expected, result.Severity);
        Assert.Equal(expected == FindingSeverity.Warning, result.Remedy.Length > 0);
        Assert.Equal(lastDaysAgo is not null, result.Text.Contains("/srv/backup", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x\ny\n")]
    [InlineData("2026-11-29T12:00:00Z")]
    [InlineData("\0\0\0\0\n\0")]
    public void A_damaged_record_of_the_last_backup_is_like_none(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "last-backup"), text);
        Assert.Equal(FindingSeverity.Warning, BackupCheck.Run(_folder, Now - TimeSpan.FromDays(30), TimeSpan.FromDays(7), Now).Severity);
    }

    [Theory]
    [InlineData("ok", "ok", FindingSeverity.Ok, "2 records")]
    [InlineData("missing", "ok", FindingSeverity.Problem, "MX of example.org is missing")]
    [InlineData("differs", "ok", FindingSeverity.Problem, "MX of example.org differs")]
    [InlineData("ok", "missing", FindingSeverity.Warning, "TXT of _mta-sts.example.org is missing")]
    [InlineData("unknown", "ok", FindingSeverity.Warning, "could not be checked: no answer")]
    [InlineData("ok", "unknown", FindingSeverity.Warning, "could not be checked: no answer")]
    public void The_records_of_a_domain_are_summarized(string required, string recommended, FindingSeverity severity, string text)
    {
        var result = DomainCheck.Summarize("example.org",
        [
            new CheckedRecord(new ZoneRecord("example.org", "MX", "10 mail.example.org.", RequirementLevel.Required, ""), ["no answer"], required),
            new CheckedRecord(new ZoneRecord("_mta-sts.example.org", "TXT", "v=STSv1; id=1", RequirementLevel.Recommended, ""), ["no answer"], recommended),
            new CheckedRecord(new ZoneRecord("_25._tcp.mail.example.org", "TLSA", "3 1 1 00", RequirementLevel.Optional, ""), [], "missing"),
        ]);
        Assert.Equal(severity, result.Severity);
        Assert.Contains(text, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_a_problem()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var options = new MailServerOptions
        {
            Server = new ServerOptions { Hostname = "mail.example.org", Listen = [IPAddress.Loopback], SmtpPort = port, SubmissionPort = 0, SmtpsPort = 0, ImapPort = 0, ImapsPort = 0, DavPort = 0, HttpPort = 0, HttpsPort = 0 },
        };
        var fault = Assert.Single(await ListenerCheck.RunAsync(options, default));
        Assert.Equal((FindingSeverity.Problem, $"port {port} (server.smtp_port)"), (fault.Severity, fault.Subject));
        listener.Listen(1);
        Assert.Equal(CheckResult.Ok("ports", "1 listener accepts connections"), Assert.Single(await ListenerCheck.RunAsync(options, default)));
    }

    [Fact]
    public void The_machine_checks_name_the_disk_the_memory_and_the_clock()
    {
        Assert.StartsWith("disk", MachineChecks.Disk(_folder).Subject, StringComparison.Ordinal);
        Assert.Matches("^[0-9.]+ (KB|MB|GB|TB) \\([0-9]+ %\\) free", MachineChecks.Disk(_folder).Text);
        Assert.Contains("server", MachineChecks.Memory().Text, StringComparison.Ordinal);
        Assert.Equal("clock", MachineChecks.Clock().Subject);
    }
}
