using System.Net;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Reports;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Reports;
using MailServer.Protocol.Tests.MessageAuthentication;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace MailServer.Actors.Tests.Reports;

/// <summary>The daily life of reports, with a clock that the test holds.</summary>
public sealed class ReportsActorTests : TestKit
{
    private static readonly SmtpReply Ok = new(250, "2.0.0", "Ok");
    private static readonly SmtpReply Later = new(451, "4.3.0", "Later");

    private static readonly Config Dispatcher = ConfigurationFactory.ParseString("""
        akka.loglevel = WARNING
        storage-dispatcher {
          type = ForkJoinDispatcher
          dedicated-thread-pool { thread-count = 2, threadtype = background }
        }
        """);

    private readonly string _folder = Directory.CreateTempSubdirectory("reports-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly ZoneLookup _zone = new ZoneLookup().Text("_dmarc.d.test", "v=DMARC1; p=reject");
    private readonly List<(Uri Target, string Type, int Octets)> _uploads = [];
    private readonly ReportLog _log;
    private readonly ReportServices _services;
    private readonly TestProbe _router;
    private readonly IActorRef _reports;

    public ReportsActorTests() : base(Dispatcher)
    {
        var options = new ReportOptions
        {
            Dmarc = true,
            Tls = true,
            From = null,
            SendAfter = TimeSpan.FromMinutes(30),
            SendSpread = TimeSpan.FromHours(4),
            Keep = TimeSpan.FromDays(90),
            ReceiveAt = [EmailAddress.Parse("special@example.org")],
        };
        _log = new ReportLog(options, Limits.Default);
        _router = CreateTestProbe("router");
        _services = new ReportServices
        {
            Settings = new ReportSettings
            {
                Options = options,
                StorePath = Path.Combine(_folder, "reports.db"),
                Generator = "mailserver test",
                Log = _log,
                Upload = (target, type, document, _) =>
                {
                    lock (_uploads) _uploads.Add((target, type, document.Length));
                    return Task.FromResult<string?>(null);
                },
            },
            Hostname = "mx.example.org",
            Limits = Limits.Default,
            Time = _clock,
            Directory = new SingleDomainDirectory("example.org"),
            Dns = _zone,
            Spool = new MessageSpool(new SpoolOptions { Directory = Path.Combine(_folder, "spool") }, new MessageFormat(Limits.Default), TimeProvider.System),
            Router = _router.Ref,
            Intake = new ReportIntake(options, Limits.Default, TestActor, NullLogger.Instance),
            Loggers = NullLoggerFactory.Instance,
        };
        _reports = Sys.ActorOf(ReportsActor.Props(_services));
    }

    [Fact]
    public void A_day_is_reported_once_it_is_over_and_only_once()
    {
        Note("mailto:rua@d.test");
        Note("mailto:rua@d.test");
        Tick();
        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 0, 29, 0, TimeSpan.Zero));
        Tick();
        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 4, 31, 0, TimeSpan.Zero));
        Tick();
        var (transaction, message) = NextMail();
        Assert.Equal(("postmaster@example.org", "rua@d.test"), (transaction.Sender?.ToString(), Assert.Single(transaction.Recipients).ToString()));
        Assert.Equal(DsnNotify.Never, transaction.Dsn.Of(transaction.Recipients[0]).Notify);
        Assert.Equal("Report Domain: d.test Submitter: example.org Report-ID: <1772582400.1772668799.d.test@example.org>", message.Subject);
        var report = ReportOf(message).Dmarc!;
        Assert.Equal((2, "example.org", "postmaster@example.org"), ((int)report.Messages, report.Organization, report.Email));
        Assert.Equal(("reject", "treewalk"), (report.Policy.Policy, report.Policy.Discovery));
        Assert.Equal((1772582400L, 1772668799L), (report.Begin.ToUnixTimeSeconds(), report.End.ToUnixTimeSeconds()));
        Assert.Equal("pass", Assert.Single(report.Rows).Disposition);

        _router.Reply(Ok);
        AwaitAssert(() => Assert.Equal("sent", Assert.Single(Sent()).Outcome));
        Tick();
        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public void A_deferred_report_is_retried_after_an_hour_with_the_same_subject()
    {
        Note("mailto:rua@d.test");
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 6, 0, 0, TimeSpan.Zero));
        Tick();
        var first = NextMail().Message.Subject;
        _router.Reply(Later);
        Tick();
        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 7, 1, 0, TimeSpan.Zero));
        Tick();
        Assert.Equal(first, NextMail().Message.Subject);
    }

    [Fact]
    public void A_report_goes_to_each_destination_except_those_without_consent_or_with_a_smaller_size_limit()
    {
        Note("mailto:a@d.test,mailto:victim@elsewhere.test,mailto:small@d.test!1,mailto:b@d.test");
        var sent = AskToSend(() =>
        {
            Assert.Equal("a@d.test", NextMail().Transaction.Recipients[0].ToString());
            _router.Reply(Ok);
            Assert.Equal("b@d.test", NextMail().Transaction.Recipients[0].ToString());
            _router.Reply(new SmtpReply(550, "5.1.1", "Nobody"));
        });
        Assert.Equal(["mailto:a@d.test"], sent.Destinations);
        Assert.Contains("mailto:victim@elsewhere.test: its domain has not agreed", sent.Outcome, StringComparison.Ordinal);
        Assert.Contains("mailto:small@d.test!1: the report exceeds the size limit of this address", sent.Outcome, StringComparison.Ordinal);
        Assert.Contains("mailto:b@d.test: 550 5.1.1 Nobody", sent.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_prints_the_reports_and_sends_nothing()
    {
        Note("mailto:rua@d.test");
        var question = new ReportsProtocol.Send(ReportKind.Dmarc, new DateOnly(2026, 3, 4), null, DryRun: true);
        for (var i = 0; i < 2; i++)
        {
            _reports.Tell(question, TestActor);
            var report = Assert.Single(ExpectMsg<ReportsProtocol.Sent>().Reports);
            Assert.Equal(("d.test", "would be sent"), (report.Subject.Domain, report.Outcome));
            Assert.Equal(["mailto:rua@d.test"], report.Destinations);
        }

        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        Assert.Empty(Sent());
    }

    [Fact]
    public void TLS_reports_are_sent_by_mail_and_by_HTTPS()
    {
        _zone.Text("_smtp._tls.t.test", "v=TLSRPTv1; rua=mailto:tls@elsewhere.test,https://r.t.test/x");
        _log.Record(Session("t.test"));
        _log.Record(Session("t.test") with { Failure = "starttls-not-supported" });
        _log.Record(Session("unasked.test"));
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 6, 0, 0, TimeSpan.Zero));
        Tick();
        var (_, message) = NextMail();
        Assert.Equal("t.test", message.Headers["TLS-Report-Domain"]);
        var report = ReportOf(message).Tls!;
        Assert.Equal((2, 1), ((int)report.Sessions, (int)report.Failures));
        _router.Reply(Ok);
        AwaitAssert(() => Assert.Equal(2, Assert.Single(Sent(ReportKind.Tls)).Destinations.Count));
        var upload = Assert.Single(_uploads);
        Assert.Equal((new Uri("https://r.t.test/x"), "application/tlsrpt+gzip"), (upload.Target, upload.Type));
        _router.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void Domains_without_report_addresses_are_not_counted()
    {
        _log.Record(Seen("v=DMARC1; p=reject"));
        _clock.AdjustTime(new DateTimeOffset(2026, 3, 5, 6, 0, 0, TimeSpan.Zero));
        _reports.Tell(new ReportsProtocol.Send(ReportKind.Dmarc, new DateOnly(2026, 3, 4), null, DryRun: true), TestActor);
        Assert.Empty(ExpectMsg<ReportsProtocol.Sent>().Reports);
    }

    [Fact]
    public void Observations_survive_a_restart()
    {
        Note("mailto:rua@d.test");
        Tick();
        Watch(_reports);
        Sys.Stop(_reports);
        ExpectTerminated(_reports);
        var again = Sys.ActorOf(ReportsActor.Props(_services));
        again.Tell(new ReportsProtocol.Send(ReportKind.Dmarc, new DateOnly(2026, 3, 4), "d.test", DryRun: true), TestActor);
        Assert.Equal(1, Assert.Single(ExpectMsg<ReportsProtocol.Sent>().Reports).Subject.Messages);
    }

    [Fact]
    public void A_received_report_is_stored_and_invalid_ones_are_not()
    {
        var document = Encoding.UTF8.GetBytes("""
            <feedback><report_metadata><org_name>Other</org_name><report_id>1</report_id><date_range><begin>1</begin><end>2</end></date_range></report_metadata>
            <policy_published><domain>Example.org</domain></policy_published>
            <record><row><source_ip>192.0.2.1</source_ip><count>5</count></row></record></feedback>
            """);
        _reports.Tell(new ReportsProtocol.ReportMailDelivered(new SpoolId("1"), null, _clock.GetUtcNow(), [Encoding.ASCII.GetBytes("nonsense"), document]));
        _reports.Tell(new ReportsProtocol.ListReceived(ReportKind.Dmarc, 10), TestActor);
        var report = Assert.Single(ExpectMsg<ReportsProtocol.Received>().Reports);
        Assert.Equal(("example.org", "Other", 5L, 5L), (report.Domain, report.Organization, report.Messages, report.Failures));
        _reports.Tell(new ReportsProtocol.GetReport(ReportKind.Dmarc, report.Id), TestActor);
        Assert.Equal("192.0.2.1", Assert.Single(ReportDocument.Read(ExpectMsg<ReportsProtocol.ReportFound>().Packed, Limits.Default).Dmarc!.Rows).Source);
        _reports.Tell(new ReportsProtocol.GetReport(ReportKind.Dmarc, 999), TestActor);
        Assert.Null(ExpectMsg<ReportsProtocol.ReportFound>().Report);
    }

    [Theory]
    [InlineData("dmarc-reports@example.org", "dmarc=pass", true)]
    [InlineData("special+tag@example.org", "dmarc=none", true)]
    [InlineData("TLS-Reports@example.org", "dmarc=pass", true)]
    [InlineData("ann@example.org", "dmarc=pass", false)]
    [InlineData("dmarc-reports@example.org", "dmarc=fail header.from=x", false)]
    public void Only_authenticated_mail_to_the_report_addresses_is_parsed(string to, string verdict, bool isTaken)
    {
        var octets = Encoding.ASCII.GetBytes("From: a@b.test\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\nH4sIAAAA\r\n");
        var content = new InMemoryContent(octets);
        var message = new DeliveredMessage(
            new SpooledMessage(new SpoolId("1"), octets.Length, new MessageFormat(Limits.Default).Summarize(content), _clock.GetUtcNow()),
            OwnTransaction.OfOurs("h", new SpoolId("1"), EmailAddress.Parse(to), smtpUtf8: false),
            new Dictionary<AccountId, EmailAddress> { [new AccountId(1)] = EmailAddress.Parse(to) },
            new TrustVerdict([verdict], null, null));
        if (_services.Intake.Wants(message)) _services.Intake.Read(message, content);
        if (isTaken) Assert.Equal([0x1F, 0x8B, 8, 0, 0, 0], Assert.Single(ExpectMsg<ReportsProtocol.ReportMailDelivered>().Attachments));
        else ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Each_domain_has_its_own_fixed_report_time()
    {
        var moments = Enumerable.Range(0, 200).Select(i => ReportSchedule.DueAt(new PendingReport(ReportKind.Dmarc, new DateOnly(2026, 3, 4), $"{i}.test", 1), _services.Options, "h")).ToArray();
        var first = new DateTimeOffset(2026, 3, 5, 0, 30, 0, TimeSpan.Zero);
        Assert.All(moments, m => Assert.InRange(m, first, first.AddHours(4)));
        Assert.True(moments.Distinct().Count() > 190);
        Assert.True(moments.Max() - moments.Min() > TimeSpan.FromHours(3));
        Assert.Equal(moments[7], ReportSchedule.DueAt(new PendingReport(ReportKind.Dmarc, new DateOnly(2026, 3, 4), "7.test", 99), _services.Options, "h"));
    }

    [Fact]
    public void Observations_beyond_the_limit_are_dropped_and_counted()
    {
        var log = new ReportLog(_services.Options, Limits.Default with { ReportBacklog = 10 });
        for (var i = 0; i < 15; i++) log.Record(Session("t.test"));
        Assert.Equal(5, log.Dropped);
        Assert.Equal(10, log.Drain().Tls.Count);
        log.Record(Session("t.test"));
        Assert.Single(log.Drain().Tls);
    }

    protected override void AfterAll()
    {
        Assert.True(Sys.Terminate().Wait(TimeSpan.FromSeconds(20)));
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    private void Tick() => _reports.Tell(ReportsProtocol.Tick.Instance);

    private void Note(string rua) => _log.Record(Seen($"v=DMARC1; p=reject; rua={rua}"));

    private DmarcObservation Seen(string record) => new()
    {
        At = _clock.GetUtcNow(),
        Source = IPAddress.Parse("192.0.2.1"),
        HeaderFrom = "d.test",
        EnvelopeFrom = "d.test",
        PolicyDomain = "d.test",
        PolicyRecord = record,
        Disposition = "none",
        DkimAligned = true,
        SpfAligned = false,
        Dkim = [],
        Spf = null,
    };

    private TlsObservation Session(string domain) =>
        new() { At = _clock.GetUtcNow(), PolicyDomain = domain, PolicyType = TlsPolicyType.None, PolicyStrings = [], MxPatterns = [], Failure = null };

    private SentReport AskToSend(Action meanwhile)
    {
        _reports.Tell(new ReportsProtocol.Send(ReportKind.Dmarc, new DateOnly(2026, 3, 4), null, DryRun: false), TestActor);
        meanwhile();
        return Assert.Single(ExpectMsg<ReportsProtocol.Sent>().Reports);
    }

    private IReadOnlyList<SentReport> Sent(ReportKind kind = ReportKind.Dmarc)
    {
        _reports.Tell(new ReportsProtocol.ListSent(kind, 10), TestActor);
        return ExpectMsg<ReportsProtocol.Sent>().Reports;
    }

    private (MailTransaction Transaction, MimeMessage Message) NextMail()
    {
        var accept = _router.ExpectMsg<DeliveryProtocol.Accept>();
        using var content = accept.Content.OpenContent();
        var message = MimeMessage.Load(content.AsStream());
        accept.Content.Dispose();
        return (accept.Transaction, message);
    }

    private static ReportDocument ReportOf(MimeMessage message)
    {
        using var stream = new MemoryStream();
        ((MimePart)message.Attachments.Single()).Content!.DecodeTo(stream);
        return ReportDocument.Read(stream.ToArray(), Limits.Default);
    }

    private sealed class SingleDomainDirectory(string name) : IDirectory
    {
        public long Version => 0;

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => new(domain == name);

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => throw new NotSupportedException();
    }
}
