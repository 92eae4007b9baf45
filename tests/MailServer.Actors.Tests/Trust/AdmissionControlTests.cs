using System.Net;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Tests.MessageAuthentication;
using MailServer.Storage.Trust;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Trust;

public sealed class AdmissionControlTests : IDisposable
{
    private static readonly IPAddress Peer = IPAddress.Parse("192.0.2.7");
    private static readonly EmailAddress Ann = EmailAddress.Parse("ann@far.test");
    private static readonly EmailAddress Bob = EmailAddress.Parse("bob@here.test");
    private static readonly Account Sender = new(new AccountId(1), Bob, Enabled: true, DateTimeOffset.UnixEpoch);
    private readonly TemporaryDirectory _folder = new();
    private readonly ZoneLookup _zone = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private TrustStore _store;

    public AdmissionControlTests() => _store = TrustStore.Open(File, _time);

    private string File => Path.Combine(_folder.Path, "trust.db");

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_listed_host_is_rejected_but_can_reach_postmaster()
    {
        _zone.Add("7.2.0.192.bl.test", "A", IPAddress.Parse("127.0.0.2")).Text("7.2.0.192.bl.test", "spam source");
        var admission = Make(new AdmissionOptions { BlockLists = ["bl.test"] });
        var refusal = await admission.CheckRecipientAsync(Peer, Ann, Bob, default);
        Assert.Equal("554 5.7.1 192.0.2.7 is listed by bl.test: spam source", refusal?.ToString());
        Assert.Null(await admission.CheckRecipientAsync(Peer, Ann, EmailAddress.Parse("Postmaster@here.test"), default));
        Assert.Null(await admission.FindJunkReasonAsync(Peer, default));
        var lenient = Make(new AdmissionOptions { BlockLists = ["bl.test"], BlockListAction = BlockListAction.Junk });
        Assert.Null(await lenient.CheckRecipientAsync(Peer, Ann, Bob, default));
        Assert.Equal("listed by bl.test", await lenient.FindJunkReasonAsync(Peer, default));
    }

    [Fact]
    public async Task A_greylisted_sender_passes_on_retry_even_after_a_restart()
    {
        var admission = Grey();
        Assert.Equal("451 4.7.1 Greylisted: try again in 300 seconds", (await admission.CheckRecipientAsync(Peer, Ann, Bob, default))?.ToString());
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("451 4.7.1 Greylisted: try again in 180 seconds", (await admission.CheckRecipientAsync(Peer, Ann, Bob, default))?.ToString());
        _time.Advance(TimeSpan.FromMinutes(4));
        Reopen();
        admission = Grey();
        Assert.Null(await admission.CheckRecipientAsync(IPAddress.Parse("192.0.2.200"), Ann, Bob, default));
        Assert.NotNull(await admission.CheckRecipientAsync(IPAddress.Parse("198.51.100.1"), Ann, Bob, default));
        Assert.NotNull(await admission.CheckRecipientAsync(Peer, EmailAddress.Parse("ann@other.test"), Bob, default));
        Assert.NotNull(await admission.CheckRecipientAsync(Peer, null, Bob, default));
    }

    [Fact]
    public async Task Entries_made_by_a_clock_ten_years_ahead_do_not_delay_mail_once_the_clock_is_corrected()
    {
        var tenYears = TimeSpan.FromDays(3_650);
        _time.AdjustTime(_time.GetUtcNow() + tenYears);
        var admission = Make(new AdmissionOptions { GreylistDelay = TimeSpan.FromMinutes(5), OutgoingPerHour = 1, OutgoingPerDay = 1 });
        Assert.NotNull(await admission.CheckRecipientAsync(Peer, Ann, Bob, default));
        Assert.Null(admission.CheckOutgoing(Sender, [Ann]));
        Assert.NotNull(admission.CheckOutgoing(Sender, [Ann]));
        _time.AdjustTime(_time.GetUtcNow() - tenYears);
        Assert.Equal("451 4.7.1 Greylisted: try again in 300 seconds", (await admission.CheckRecipientAsync(Peer, Ann, Bob, default))?.ToString());
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(await admission.CheckRecipientAsync(Peer, Ann, Bob, default));
        Assert.Null(admission.CheckOutgoing(Sender, [Ann]));
    }

    [Fact]
    public async Task A_domain_that_passes_SPF_may_retry_from_any_address()
    {
        _zone.Text("far.test", "v=spf1 +all");
        var admission = Grey();
        Assert.NotNull(await admission.CheckRecipientAsync(Peer, Ann, Bob, default));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(await admission.CheckRecipientAsync(IPAddress.Parse("2001:db8::1"), Ann, Bob, default));
    }

    [Fact]
    public async Task A_late_retry_starts_over_and_a_frequent_sender_is_exempt()
    {
        var admission = Grey();
        await admission.CheckRecipientAsync(Peer, Ann, Bob, default);
        _time.Advance(TimeSpan.FromDays(3));
        Assert.NotNull(await admission.CheckRecipientAsync(Peer, Ann, Bob, default));
        _time.Advance(TimeSpan.FromMinutes(6));
        for (var i = 0; i < 5; i++) Assert.Null(await admission.CheckRecipientAsync(Peer, Ann, Bob, default));
        Assert.Null(await admission.CheckRecipientAsync(Peer, Ann, EmailAddress.Parse("new@here.test"), default));
    }

    [Fact]
    public void Networks_and_domains_have_a_message_rate_that_refills()
    {
        var admission = Make(new AdmissionOptions { IncomingPerNetwork = 2, IncomingPerDomain = 1 });
        Assert.Null(admission.CheckSender(Peer));
        Assert.Null(admission.CheckSender(IPAddress.Parse("192.0.2.8").MapToIPv6()));
        Assert.Equal("450 4.7.1 Too much mail from your network, try again later", admission.CheckSender(Peer)?.ToString());
        Assert.Null(admission.CheckSender(IPAddress.Parse("192.0.3.8")));
        Assert.Null(admission.CheckDomain("far.test"));
        Assert.Equal("450 4.7.1 Too much mail from far.test, try again later", admission.CheckDomain("far.test")?.ToString());
        Assert.Null(admission.CheckDomain(null));
        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Null(admission.CheckSender(Peer));
        Assert.NotNull(admission.CheckSender(Peer));
    }

    [Fact]
    public void The_sending_rate_of_an_account_survives_a_restart()
    {
        var options = new AdmissionOptions { OutgoingPerHour = 3, OutgoingPerDay = 4 };
        var admission = Make(options);
        Assert.Null(admission.CheckOutgoing(Sender, [Ann, Address(1)]));
        Assert.Equal("450 4.7.1 Your account may send to 3 recipients an hour and has sent to 2; try again later", admission.CheckOutgoing(Sender, [Ann, Address(1)])?.ToString());
        Reopen();
        admission = Make(options);
        Assert.Null(admission.CheckOutgoing(Sender, [Ann]));
        Assert.NotNull(admission.CheckOutgoing(Sender, [Ann]));
        Assert.Null(admission.CheckOutgoing(Sender, []));
        Assert.Null(admission.CheckOutgoing(Sender with { Id = new AccountId(2) }, [Ann]));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(admission.CheckOutgoing(Sender, [Ann]));
        Assert.Contains("4 recipients a day", admission.CheckOutgoing(Sender, [Ann])?.Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(admission.CheckOutgoing(Sender, [Ann]));
    }

    [Fact]
    public void Known_recipients_are_not_counted_as_new()
    {
        var admission = Make(new AdmissionOptions { NewRecipientsPerDay = 2 });
        Assert.Null(admission.CheckOutgoing(Sender, [Address(1), Address(2)]));
        Assert.Contains("2 new recipients a day", admission.CheckOutgoing(Sender, [Address(3)])?.Text, StringComparison.Ordinal);
        Assert.Null(admission.CheckOutgoing(Sender, [Address(1), Address(2)]));
    }

    [Fact]
    public async Task A_first_contact_is_delayed_once_and_known_correspondents_are_not()
    {
        var delay = TimeSpan.FromMilliseconds(300);
        var admission = new AdmissionControl(new AdmissionOptions { FirstContactDelay = delay }, _store, _zone, Limits.Default, TimeProvider.System, NullLogger.Instance);
        Assert.InRange(await TakesAsync(admission, Ann), delay * 0.9, TimeSpan.FromSeconds(10));
        Assert.InRange(await TakesAsync(admission, Ann), TimeSpan.Zero, delay * 0.8);
        admission.CheckOutgoing(Sender, [Address(5)]);
        Assert.InRange(await TakesAsync(admission, Address(5)), TimeSpan.Zero, delay * 0.8);
        Assert.InRange(await TakesAsync(admission, null), TimeSpan.Zero, delay * 0.8);
    }

    [Fact]
    public async Task When_the_limit_of_delayed_messages_is_reached_others_are_not_delayed()
    {
        var options = new AdmissionOptions { FirstContactDelay = TimeSpan.FromMinutes(1) };
        var admission = new AdmissionControl(options, _store, _zone, Limits.Default with { HeldMessages = 1 }, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var waiting = admission.DelayFirstContactAsync(Ann, [Bob], stop.Token).AsTask();
        await admission.DelayFirstContactAsync(Address(1), [Bob], default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static EmailAddress Address(int number) => EmailAddress.Parse($"r{number}@far.test");

    private static async Task<TimeSpan> TakesAsync(AdmissionControl admission, EmailAddress? sender)
    {
        var start = TimeProvider.System.GetTimestamp();
        await admission.DelayFirstContactAsync(sender, [Bob], default);
        return TimeProvider.System.GetElapsedTime(start);
    }

    private void Reopen()
    {
        _store.Dispose();
        _store = TrustStore.Open(File, _time);
    }

    private AdmissionControl Grey() => Make(new AdmissionOptions { GreylistDelay = TimeSpan.FromMinutes(5) });

    private AdmissionControl Make(AdmissionOptions options) => new(options, _store, _zone, Limits.Default, _time, NullLogger.Instance);
}
