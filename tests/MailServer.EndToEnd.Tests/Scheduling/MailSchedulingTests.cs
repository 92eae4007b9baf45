using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;
using MimeKit;
using static MailServer.EndToEnd.Tests.Scheduling.Invitations;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>Scheduling with users of other servers: iTIP in mail (RFC 6047), in both directions.</summary>
public sealed class MailSchedulingTests : IAsyncLifetime, IDisposable
{
    private const string Outsider = "outsider@good.test";

    private readonly FakeDnsServer _dns = new();
    private readonly string _uid = NewUid();
    private SmtpSink? _sink;
    private ServerProcess? _server;
    private DavUser? _alice;

    private ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    private DavUser Alice => _alice ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _dns.Text("good.test", "v=spf1 ip4:127.0.0.1 -all").Text("_dmarc.good.test", "v=DMARC1; p=reject")
            .Text("evil.test", "v=spf1 ip4:127.0.0.1 -all").Text("_dmarc.evil.test", "v=DMARC1; p=none")
            .Text("loose.test", "v=spf1 ?all").Text("_dmarc.loose.test", "v=DMARC1; p=none");
        _sink = SmtpSink.Start();
        _server = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = _sink.Address, DnsServer = _dns.EndPoint });
        var alice = await Server.AddUserAsync("alice");
        await Server.StartAsync();
        _alice = new DavUser(Server, alice);
        await _alice.ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        if (_sink is not null) await _sink.DisposeAsync();
    }

    public void Dispose()
    {
        _alice?.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task An_invitation_its_reply_update_and_cancellation_travel_as_mail()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Outsider));
        var (mail, content) = await NextAsync(0);
        Assert.Contains($"SCHEDULE-STATUS=1.1:mailto:{Outsider}", await Alice.GetAsync(Alice.Calendar + "m.ics"), StringComparison.Ordinal);
        Assert.Equal("Invitation: Meeting", mail.Subject);
        Assert.Equal(Alice.Address, mail.From.Mailboxes.Single().Address);
        Assert.Contains("METHOD:REQUEST", CalendarOf(mail), StringComparison.Ordinal);
        Assert.Contains("invites you to", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(Alice.Address, content.Sender);

        var reply = Object($"BEGIN:VEVENT\nUID:{_uid}\nDTSTAMP:20261102T000000Z\nSEQUENCE:0\nORGANIZER:mailto:{Alice.Address}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{Outsider}\nEND:VEVENT\n");
        await DeliverAsync("REPLY", Outsider, reply);
        await Alice.ExpectAsync(_uid, "PARTSTAT=ACCEPTED;RSVP=TRUE");

        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Outsider).Replace("T100000Z", "T110000Z", StringComparison.Ordinal));
        Assert.Contains("SEQUENCE:1", CalendarOf((await NextAsync(1)).Mail), StringComparison.Ordinal);
        await Alice.TryAsync("DELETE", Alice.Calendar + "m.ics");
        var (cancelled, _) = await NextAsync(2);
        Assert.Equal("Cancelled: Meeting", cancelled.Subject);
        Assert.Contains("METHOD:CANCEL", CalendarOf(cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_external_invitation_is_stored_in_the_calendar_and_answered_by_mail()
    {
        var subject = await DeliverAsync("REQUEST", Outsider, Meeting(_uid, Outsider, Alice.Address));
        Assert.Single(Server.FilesWith(subject));
        var (copy, text) = await Alice.ExpectAsync(_uid, "SUMMARY:Meeting");
        await Alice.TryAsync("PUT", copy, text.Replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED", StringComparison.Ordinal));
        var (mail, _) = await NextAsync(0);
        Assert.Equal("Declined: Meeting", mail.Subject);
        Assert.Contains("METHOD:REPLY", CalendarOf(mail), StringComparison.Ordinal);
        Assert.Equal(Outsider, mail.To.Mailboxes.Single().Address);

        await DeliverAsync("CANCEL", Outsider, Meeting(_uid, Outsider, Alice.Address).Replace("20261101T", "20261103T", StringComparison.Ordinal));
        await Alice.ExpectAsync(_uid, "STATUS:CANCELLED");
    }

    [Fact]
    public async Task A_sender_other_than_the_one_in_the_invitation_changes_nothing()
    {
        // First an authenticated author who is not the organizer; then a forged author without a DMARC pass.
        await DeliverAsync("REQUEST", "mallory@evil.test", Meeting(_uid, Outsider, Alice.Address));
        await DeliverAsync("REQUEST", "someone@loose.test", Meeting(_uid, "someone@loose.test", Alice.Address));
        await Alice.PutAsync("m.ics", Meeting(NewUid(), Alice.Address, Outsider));
        var uid = (await Alice.FindAsync("SUMMARY"))!.Value.Text.Split('\n').First(l => l.StartsWith("UID:", StringComparison.Ordinal))[4..];
        var forged = Object($"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261102T000000Z\nORGANIZER:mailto:{Alice.Address}\nATTENDEE;PARTSTAT=DECLINED:mailto:{Outsider}\nEND:VEVENT\n");
        await DeliverAsync("REPLY", "mallory@evil.test", forged);
        // A later message has arrived.
        await DeliverAsync("REQUEST", Outsider, Meeting(_uid, Outsider, Alice.Address));
        await Alice.ExpectAsync(_uid, Outsider);
        Assert.DoesNotContain("DECLINED", await Alice.GetAsync(Alice.Calendar + "m.ics"), StringComparison.Ordinal);
        Assert.Equal(2, (await Alice.ListAsync(Alice.Calendar)).Count);
        Assert.Single(await Alice.ListAsync(Alice.Inbox));
    }

    [Theory]
    [InlineData("COUNTER")]
    [InlineData("DECLINECOUNTER")]
    [InlineData("PUBLISH")]
    public async Task Counter_proposals_and_publications_stay_mail_and_change_no_calendar(string method)
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Outsider));
        // On a busy machine the invitation is sent after the reply to the PUT.
        await Alice.ExpectAsync(_uid, "SCHEDULE-STATUS");
        var before = await Alice.GetAsync(Alice.Calendar + "m.ics");
        var proposed = method == "COUNTER" ? Meeting(_uid, Alice.Address, Outsider) : Meeting(_uid, Outsider, Alice.Address);
        var subject = await DeliverAsync(method, Outsider, proposed.Replace("T100000Z", "T120000Z", StringComparison.Ordinal));
        Assert.Single(Server.FilesWith(subject));

        // A later message has arrived, so this one has been processed.
        var next = NewUid();
        await DeliverAsync("REQUEST", Outsider, Meeting(next, Outsider, Alice.Address));
        await Alice.ExpectAsync(next, "SUMMARY");
        Assert.Equal(before, await Alice.GetAsync(Alice.Calendar + "m.ics"));
        Assert.Equal(2, (await Alice.ListAsync(Alice.Calendar)).Count);
        Assert.Single(await Alice.ListAsync(Alice.Inbox));
        // RFC 6638 §5.1: an invalid scheduling message.
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await Alice.TryAsync("POST", Alice.Home + "outbox/", proposed.Replace("VERSION:2.0", $"VERSION:2.0\nMETHOD:{method}", StringComparison.Ordinal))).Status);
    }

    private async Task<string> DeliverAsync(string method, string from, string calendar)
    {
        var subject = TestMail.NewSubject();
        var body = calendar.Replace("VERSION:2.0", $"VERSION:2.0\nMETHOD:{method}", StringComparison.Ordinal).ReplaceLineEndings("\r\n");
        var letter = TestMail.Text(Alice.Address, subject, body, from).Replace("Content-Type: text/plain;", $"Content-Type: text/calendar; method={method};", StringComparison.Ordinal);
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.test");
        Assert.StartsWith("250", await wire.TransactionAsync(from, [Alice.Address], letter), StringComparison.Ordinal);
        return subject;
    }

    private async Task<(MimeMessage Mail, SunkMessage Sunk)> NextAsync(int index)
    {
        await Eventually.BecomesTrueAsync(() => _sink!.Messages.Count > index, "a mail to the outside");
        var sunk = _sink!.Messages.ElementAt(index);
        using var stream = new MemoryStream(Encoding.Latin1.GetBytes(sunk.Content));
        return (await MimeMessage.LoadAsync(stream), sunk);
    }

    private static string CalendarOf(MimeMessage mail) => mail.BodyParts.OfType<TextPart>().Single(p => p.ContentType.IsMimeType("text", "calendar")).Text;
}
