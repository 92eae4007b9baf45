using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Scheduling;
using MailServer.Actors.Submission;
using MailServer.Actors.Tests.Collections;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Tests.Scheduling;

/// <summary>
/// The delivery of one invitation. Local recipients are in the real region of collections; probes stand in for the sender's store actor and the mail router, and
/// the test moves the clock.
/// </summary>
public sealed class SchedulingMessageActorTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly EmailAddress Sender = EmailAddress.Parse("alice@here.test");
    private static readonly AccountId Bob = new(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly Town _town = new();
    private readonly CollectionServices _services;
    private readonly IActorRef _region;
    private readonly TestProbe _store;
    private readonly TestProbe _router;

    public SchedulingMessageActorTests()
        : base(ConfigurationFactory.ParseString("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
            .WithFallback(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "mailserver.conf"))).WithFallback(DefaultConfig))
    {
        _store = CreateTestProbe();
        _router = CreateTestProbe();
        var services = CollectionWorld.Services(_directory) with { Directory = _town, Router = _router };
        _region = Sys.ActorOf(CollectionsActor.Region(services), "collections");
        _services = services with { Region = _region };
    }

    /// <summary>Reply of the mail router, SCHEDULE-STATUS of the recipient (RFC 6638 §3.2.9).</summary>
    public static TheoryData<int, string, string> FinalReplies => new()
    {
        { 250, "2.0.0", ScheduleStatus.Sent },
        { 550, "5.1.1", ScheduleStatus.InvalidUser },
        { 554, "5.7.1", ScheduleStatus.NoService },
    };

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("bob@here.test")]
    [InlineData("team@here.test")]
    public async Task An_invitation_to_a_local_user_or_alias_is_stored_in_the_calendar(string recipient)
    {
        Start(recipient);
        Assert.Equal(ScheduleStatus.Delivered, Finished());
        var found = await new CollectionClient(() => _region).AskAsync(Bob, CollectionWorld.Search(CollectionWorld.Calendar), default);
        Assert.Single(Assert.IsType<CollectionReply.Page>(found).Resources);
    }

    [Theory]
    [MemberData(nameof(FinalReplies))]
    public void An_invitation_to_another_host_is_mailed_and_the_reply_decides_its_status(int code, string enhanced, string status)
    {
        var actor = Start("carol@far.test");
        var mail = _router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Equal((Sender, "carol@far.test"), (mail.Transaction.Sender, mail.Transaction.Recipients.Single().ToString()));
        actor.Tell(new SmtpReply(code, enhanced, "reply"));
        Assert.Equal(status, Finished());
    }

    [Fact]
    public void Mail_that_is_deferred_is_sent_again()
    {
        var actor = Start("carol@far.test");
        for (var attempt = 0; attempt < 4; attempt++)
        {
            AdvanceUntil(() => _router.HasMessages);
            _router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
            actor.Tell(new SmtpReply(451, "4.3.0", "later"));
            _store.ExpectMsg<SchedulingProtocol.MessageDelayed>(Patience);
        }

        AdvanceUntil(() => _router.HasMessages);
        actor.Tell(new SmtpReply(250, "2.0.0", "queued"));
        Assert.Equal(ScheduleStatus.Sent, _store.FishForMessage<SchedulingProtocol.MessageFinished>(static _ => true, Patience).Status);
    }

    [Fact]
    public void A_directory_that_fails_delays_the_invitation()
    {
        _town.Fails = true;
        Start("bob@here.test");
        _store.ExpectMsg<SchedulingProtocol.MessageDelayed>(Patience);
        _town.Fails = false;
        string? status = null;
        AdvanceUntil(() => (status = (_store.ReceiveOne(TimeSpan.Zero) as SchedulingProtocol.MessageFinished)?.Status) is not null);
        Assert.Equal(ScheduleStatus.Delivered, status);
    }

    [Fact]
    public void A_router_that_does_not_answer_delays_the_invitation()
    {
        Start("carol@far.test");
        _router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        AdvanceUntil(() => _store.HasMessages);
        _store.ExpectMsg<SchedulingProtocol.MessageDelayed>(Patience);
    }

    [Fact]
    public void An_invitation_that_is_two_days_old_is_not_retried()
    {
        var actor = Start("carol@far.test", TimeSpan.FromDays(2.1));
        _router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        actor.Tell(new SmtpReply(451, "4.3.0", "later"));
        Assert.Equal(ScheduleStatus.NoService, Finished());
    }

    [Fact]
    public void An_unknown_recipient_of_a_local_domain_is_an_invalid_user()
    {
        Start("nobody@here.test");
        Assert.Equal(ScheduleStatus.InvalidUser, Finished());
    }

    private string Finished() => _store.ExpectMsg<SchedulingProtocol.MessageFinished>(Patience).Status;

    /// <summary>Moves the clock in small steps, because an actor may start its timer after the message that the test has seen.</summary>
    private void AdvanceUntil(Func<bool> condition) => AwaitCondition(
        () =>
        {
            if (condition()) return true;
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(10));
            return false;
        },
        Patience,
        TimeSpan.FromMilliseconds(20));

    private IActorRef Start(string recipient, TimeSpan age = default)
    {
        var body = Encoding.UTF8.GetBytes($"""
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//test//EN
            METHOD:REQUEST
            BEGIN:VEVENT
            UID:invitation
            DTSTAMP:20261001T000000Z
            DTSTART:20270105T090000Z
            DURATION:PT15M
            SUMMARY:standup
            ORGANIZER:mailto:{Sender}
            ATTENDEE:mailto:{recipient}
            ATTENDEE:mailto:bob@here.test
            END:VEVENT
            END:VCALENDAR

            """.ReplaceLineEndings("\r\n"));
        var message = new SchedulingMessage(1, "REQUEST", Sender, EmailAddress.Parse(recipient), "invitation", body, DateTimeOffset.UtcNow - age);
        return _store.ChildActorOf(SchedulingMessageActor.Props(CollectionWorld.Alice, message, _services));
    }

    /// <summary>Alice and Bob have accounts, the address team leads to Bob, and other domains are hosted elsewhere.</summary>
    private sealed class Town : IDirectory
    {
        public bool Fails { get; set; }

        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel)
        {
            if (Fails) throw new IOException("the directory does not answer");
            return ValueTask.FromResult<RecipientResolution>(address.ToString() switch
            {
                "alice@here.test" => new RecipientResolution.Local(CollectionWorld.Alice, address, null),
                "bob@here.test" => new RecipientResolution.Local(Bob, address, null),
                "team@here.test" => new RecipientResolution.Alias([EmailAddress.Parse("bob@here.test")]),
                _ when address.Domain == "here.test" => new RecipientResolution.Unknown(),
                _ => new RecipientResolution.Remote(),
            });
        }

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(domain == "here.test");

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) =>
            ValueTask.FromResult(sender.ToString() is var address && (account == Bob ? address is "bob@here.test" or "team@here.test" : address == "alice@here.test"));

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) =>
            ValueTask.FromResult<Account?>(new Account(account, account == Bob ? EmailAddress.Parse("bob@here.test") : Sender, Enabled: true, DateTimeOffset.UnixEpoch));
    }
}
