using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>Mail for other domains with hosts of every behavior: nothing is lost, and no domain delays another.</summary>
public sealed class QueueTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _started = await ServerProcess.CreateAsync(_world.Settings());
        _user = await Server.AddUserAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }

        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Mail_goes_to_the_preferred_MX_then_to_the_next_and_to_the_domain_itself_without_MX()
    {
        var best = _world.Host("two.test", preference: 5);
        var second = _world.Host("two.test", preference: 20);
        var implicitly = _world.Alone("plain.test");
        _world.Dns.Mx("half.test", 1, "dead.half.test").Address("dead.half.test", "127.0.0.250");
        var alive = _world.Host("half.test", preference: 20);
        // A domain that is a CNAME, and an exchanger that is one (RFC 2181 §10.3 forbids it, but it works).
        var renamed = _world.Host("new-name.test");
        _world.Dns.Alias("old-name.test", "new-name.test").Mx("hosted.test", 10, "mail.hosted.test").Alias("mail.hosted.test", "host.hosting.test");
        var hosting = _world.Alone("host.hosting.test");
        await Server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(Server, _user, "a@two.test", "b@plain.test", "c@half.test", "d@old-name.test", "e@hosted.test");
        await ArrivesAsync(renamed, subject);
        Assert.Equal("d@old-name.test", Assert.Single(Assert.Single(renamed.Messages).Recipients));
        await ArrivesAsync(hosting, subject);
        await ArrivesAsync(best, subject);
        await ArrivesAsync(implicitly, subject);
        await ArrivesAsync(alive, subject);
        Assert.Empty(second.Messages);
        Assert.DoesNotContain("Return-Path", Assert.Single(best.Messages).Content, StringComparison.Ordinal);
        await QueueIsEmptyAsync();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Server.Folder, "data", "spool"), "*.example.test"));
    }

    [Fact]
    public async Task A_deferred_message_arrives_exactly_once_when_the_host_accepts_it()
    {
        var host = _world.Host("later.test", ReceiverBehavior.Defers);
        await Server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(Server, _user, "a@later.test");
        await Eventually.BecomesTrueAsync(() => host.Connections >= 2, "it is tried again", Patience);
        host.Behavior = ReceiverBehavior.Takes;
        await ArrivesAsync(host, subject);
        await QueueIsEmptyAsync();
        Assert.Single(host.Messages);
    }

    [Theory]
    [InlineData("refusing.test", "5.1.1")]
    [InlineData("nullmx.test", "5.1.10")]
    [InlineData("missing.test", "5.1.2")]
    [InlineData("ourselves.test", "5.4.6")]
    [InlineData("addressless.test", "5.4.4")]
    public async Task Permanent_failures_bounce_at_once_with_the_reason(string domain, string status)
    {
        _world.Host("refusing.test", ReceiverBehavior.Refuses);
        _world.Dns.Mx("nullmx.test", 0, "").Mx("ourselves.test", 0, "mail.example.test").Mx("addressless.test", 0, "nowhere.test");
        await Server.StartAsync();
        await RemoteMailHosts.SubmitAsync(Server, _user, "a@" + domain);
        var recipient = (await NoticeAsync("a@" + domain)).StatusGroups[1];
        Assert.Equal(("failed", status), (recipient["Action"], recipient["Status"]));
        await QueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_message_refused_for_half_of_its_recipients_reaches_the_other_half()
    {
        var host = _world.Host("half.test");
        await Server.StartAsync();
        await RemoteMailHosts.SubmitAsync(Server, _user, "one@half.test", "refused@half.test", "two@half.test");
        var notice = await NoticeAsync("refused@half.test");
        Assert.Equal(2, notice.StatusGroups.Count);
        Assert.Equal(["one@half.test", "two@half.test"], Assert.Single(host.Messages).Recipients.Order());
    }

    [Theory]
    [InlineData(ReceiverBehavior.Hangs)]
    [InlineData(ReceiverBehavior.ClosesInData)]
    [InlineData(ReceiverBehavior.ClosesAfterDot)]
    public async Task A_host_that_drops_the_connection_gets_the_message_later_and_delays_no_other(ReceiverBehavior behavior)
    {
        var bad = _world.Host("bad.test", behavior);
        var good = _world.Host("good.test");
        await Server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(Server, _user, "a@bad.test", "b@good.test");
        await ArrivesAsync(good, subject, within: TimeSpan.FromSeconds(5));
        await Eventually.BecomesTrueAsync(() => bad.Connections >= 2, "it is tried again", Patience);
        bad.Behavior = ReceiverBehavior.Takes;
        await QueueIsEmptyAsync();
        await ArrivesAsync(bad, subject);
        if (behavior != ReceiverBehavior.ClosesAfterDot)
        {
            Assert.Single(bad.Messages);
        }

        Assert.Single(good.Messages);
    }

    [Theory]
    [InlineData(ReceiverBehavior.Dribbles)]
    [InlineData(ReceiverBehavior.BreaksTls)]
    public async Task A_host_with_unusual_behavior_gets_its_mail(ReceiverBehavior behavior)
    {
        var odd = _world.Host("odd.test", behavior);
        await Server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(Server, _user, "a@odd.test");
        await ArrivesAsync(odd, subject);
    }

    [Fact]
    public async Task An_alias_to_a_remote_address_forwards_mail_from_outside()
    {
        var host = _world.Host("far.test");
        (await Server.CliAsync("alias", "add", "forward@" + Server.Domain, "someone@far.test")).Succeeded();
        await Server.StartAsync();
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        Assert.StartsWith("250", await wire.TransactionAsync("them@sender.example", ["forward@" + Server.Domain], "Subject: on\r\n\r\nx\r\n"), StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(() => host.Messages.Any(m => m.Recipients.Contains("someone@far.test")), "it arrives", Patience);
        Assert.StartsWith("SRS0=", Assert.Single(host.Messages).Sender, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_with_too_many_Received_fields_is_a_loop()
    {
        await Server.StartAsync();
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        var hops = string.Concat(Enumerable.Repeat("Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n", 101));
        Assert.StartsWith("554 5.4.6", await wire.TransactionAsync("them@sender.example", [_user], hops + "\r\nx\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_lists_holds_releases_traces_and_deletes()
    {
        var host = _world.Host("slow.test", ReceiverBehavior.Defers);
        await Server.StartAsync();
        await RemoteMailHosts.SubmitAsync(Server, _user, "a@slow.test");
        await Eventually.BecomesTrueAsync(() => host.Connections > 0, "it is tried", Patience);
        var row = (await Server.CliAsync("queue", "list")).Succeeded().Output.Split('\t');
        Assert.Equal("a@slow.test", row[4]);
        Assert.Contains("come back later", (await Server.CliAsync("queue", "show", row[0])).Succeeded().Output, StringComparison.Ordinal);
        (await Server.CliAsync("queue", "hold", row[0])).Succeeded();
        Assert.Equal("yes", (await Server.CliAsync("queue", "list")).Succeeded().Output.Split('\t')[7]);
        host.Behavior = ReceiverBehavior.Takes;
        (await Server.CliAsync("queue", "release", row[0])).Succeeded();
        await QueueIsEmptyAsync();
        var story = (await Server.CliAsync("queue", "trace", row[0])).Succeeded().Output;
        Assert.Contains("451 4.2.0 come back later", story, StringComparison.Ordinal);
        Assert.Contains("250 2.0.0 taken", story, StringComparison.Ordinal);
        Assert.Contains(row[0], (await Server.CliAsync("queue", "trace", MessageIdOf(host), "--json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Server.CliAsync("queue", "delete", row[0])).ExitCode);
        Assert.Equal("rw-------", Mode(Path.Combine(Server.Folder, "data", "admin.sock")));
    }

    [Fact]
    public async Task Without_a_running_server_the_commands_say_so()
    {
        var run = await Server.CliAsync("queue", "list");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is not running", run.Error, StringComparison.Ordinal);
    }

    private static string MessageIdOf(SmtpReceiver host) =>
        MimeMessage.Load(new MemoryStream(System.Text.Encoding.Latin1.GetBytes(host.Messages.Last().Content))).MessageId ?? "";

    private static string Mode(string path)
    {
        var mode = File.GetUnixFileMode(path);
        return string.Concat("rwxrwxrwx".Select((letter, i) => mode.HasFlag((UnixFileMode)(256 >> i)) ? letter : '-'));
    }

    private static Task ArrivesAsync(SmtpReceiver host, string subject, TimeSpan? within = null) =>
        Eventually.BecomesTrueAsync(() => host.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "the message arrives", within ?? Patience);

    private Task QueueIsEmptyAsync() =>
        Eventually.BecomesTrueAsync(async () => (await Server.CliAsync("queue", "list")).Succeeded().Output.Length == 0, "the queue is empty", Patience);

    private async Task<MessageDeliveryStatus> NoticeAsync(string about)
    {
        IReadOnlyList<string> Find() => Server.FilesWith("Final-Recipient: rfc822; " + about);
        await Eventually.BecomesTrueAsync(() => Find().Count > 0, "the notice arrives", Patience);
        var report = Assert.IsType<MultipartReport>((await MimeMessage.LoadAsync(Assert.Single(Find()))).Body);
        return Assert.IsType<MessageDeliveryStatus>(report[1]);
    }
}
