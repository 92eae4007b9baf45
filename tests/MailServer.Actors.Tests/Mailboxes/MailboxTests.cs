using System.Buffers;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>Mailboxes behind their region, on a real file system.</summary>
public sealed class MailboxTests : TestKit
{
    private const string Dispatcher = "storage-dispatcher { type = ForkJoinDispatcher\n dedicated-thread-pool { thread-count = 2 } }";
    private static readonly AccountId Alice = new(1);
    private static readonly AccountId Bob = new(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly MessageSpool _spool;
    private readonly MailboxServices _services;
    private readonly IActorRef _region;

    public MailboxTests() : base(Dispatcher)
    {
        var format = new MessageFormat(Limits.Default);
        _spool = new MessageSpool(new SpoolOptions { Directory = _directory["spool"] }, format, TimeProvider.System);
        _services = new MailboxServices
        {
            MaildirDirectory = _directory["maildir"],
            SpoolDirectory = _directory["spool"],
            Limits = Limits.Default,
            Format = format,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        };
        _region = Sys.ActorOf(MailboxActor.Region(_services));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public void A_delivery_is_acknowledged_and_then_pushed_to_the_watching_session()
    {
        var session = CreateTestProbe();
        var folder = Select(session, Alice);
        var message = Spooled("hello");
        _region.Tell(new MailboxProtocol.Deliver(Alice, FolderName.Inbox, message), TestActor);

        var delivered = ExpectMsg<MailboxProtocol.Delivered>();
        Assert.Equal(message.Id, delivered.Message);
        var appended = Assert.IsType<MailboxReply.Appended>(delivered.Result);
        var change = session.ExpectMsg<MailboxChanged>();
        Assert.Equal(folder.Id, change.Folder);
        Assert.Equal([appended.Uid.Value], change.Uids.Span.ToArray());
        Assert.Single(Directory.GetFiles(Path.Combine(_directory["maildir"], "user_1", "INBOX", "cur")));
    }

    [Fact]
    public void A_new_message_is_recent_in_one_session_only()
    {
        var (reader, first, second) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Select(reader, Alice, isReadOnly: true);
        Deliver(Alice, "one");
        // Without a session that may write, the message stays recent for the next one that does.
        Assert.NotNull(reader.ExpectMsg<MailboxChanged>().Recent);
        Assert.Equal(new Uid(1), Select(first, Alice).FirstRecent);
        Assert.Null(Select(second, Alice).FirstRecent);
        Deliver(Alice, "two");
        Assert.Equal((null, new Uid(2), null), (reader.ExpectMsg<MailboxChanged>().Recent, first.ExpectMsg<MailboxChanged>().Recent, second.ExpectMsg<MailboxChanged>().Recent));
        first.Send(_region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Unselect()));
        first.ExpectMsg<MailboxReply.Done>();
        Deliver(Alice, "three");
        Assert.Equal((null, new Uid(3)), (reader.ExpectMsg<MailboxChanged>().Recent, second.ExpectMsg<MailboxChanged>().Recent));
        Assert.Null(Select(CreateTestProbe(), Alice).FirstRecent);
        Assert.Null(Select(CreateTestProbe(), Alice, isReadOnly: true).FirstRecent);
    }

    [Fact]
    public void The_same_spool_id_is_delivered_once()
    {
        var message = Spooled("once");
        for (var i = 0; i < 2; i++) _region.Tell(new MailboxProtocol.Deliver(Alice, FolderName.Inbox, message), TestActor);

        var first = ExpectMsg<MailboxProtocol.Delivered>();
        var second = ExpectMsg<MailboxProtocol.Delivered>();
        Assert.Equal(first.Result, second.Result);
        Assert.Single(Directory.GetFiles(Path.Combine(_directory["maildir"], "user_1", "INBOX", "cur")));
    }

    [Fact]
    public void Each_message_of_a_burst_is_acknowledged_with_a_rising_UID()
    {
        var messages = Enumerable.Range(0, 50).Select(i => Spooled($"burst {i}")).ToArray();
        foreach (var message in messages) _region.Tell(new MailboxProtocol.Deliver(Alice, FolderName.Inbox, message), TestActor);

        var uids = ReceiveN(50).Cast<MailboxProtocol.Delivered>().Select(d => ((MailboxReply.Appended)d.Result).Uid.Value).ToArray();
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (uint)i), uids);
    }

    [Fact]
    public void Flags_stored_by_one_session_are_pushed_to_the_other_sessions_only()
    {
        Deliver(Alice, "flags");
        var one = CreateTestProbe();
        var other = CreateTestProbe();
        var folder = Select(one, Alice);
        Select(other, Alice);
        one.Send(_region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Store(
            folder.Id, new uint[] { 1 }, FlagOperation.Add, new MessageFlags(SystemFlags.Flagged))));

        var stored = one.ExpectMsg<MailboxReply.Stored>();
        Assert.Equal(SystemFlags.Flagged, stored.Change.FlagsChanged[0].Flags.System);
        Assert.Equal(SystemFlags.Flagged, other.ExpectMsg<MailboxChanged>().FlagsChanged[0].Flags.System);
        one.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Idle_mailboxes_are_closed_for_others_when_the_limit_of_open_files_is_reached()
    {
        var problems = new NodeProblems();
        var region = Sys.ActorOf(MailboxActor.Region(_services with { OpenStores = new OpenStores(2, problems) }));
        var session = CreateTestProbe();
        session.Send(region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Select(FolderName.Inbox, ReadOnly: false)));
        session.ExpectMsg<MailboxReply.Selected>();
        for (var account = 2; account < 10; account++)
        {
            region.Tell(new MailboxProtocol.AccountRequest(new AccountId(account), new MailboxRequest.GetStatus(FolderName.Inbox)), TestActor);
            ExpectMsg<MailboxReply.Status>();
        }

        Assert.Empty(problems.Current);
        // The mailbox in use was not closed, and notifies its session.
        region.Tell(new MailboxProtocol.Deliver(Alice, FolderName.Inbox, Spooled("still watched")), TestActor);
        Assert.IsType<MailboxReply.Appended>(ExpectMsg<MailboxProtocol.Delivered>().Result);
        session.ExpectMsg<MailboxChanged>();
        Assert.Equal([Alice, new AccountId(9)], OpenMailboxes(region));
    }

    [Fact]
    public void A_mailbox_beyond_the_limit_of_open_files_is_unavailable_while_all_others_are_busy()
    {
        var problems = new NodeProblems();
        var region = Sys.ActorOf(MailboxActor.Region(_services with { OpenStores = new OpenStores(1, problems) }));
        var session = CreateTestProbe();
        session.Send(region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Select(FolderName.Inbox, ReadOnly: false)));
        session.ExpectMsg<MailboxReply.Selected>();
        var inbox = new MailboxRequest.GetStatus(FolderName.Inbox);
        // Requests wait for a while; the list of open mailboxes does not wait for them.
        region.Tell(new MailboxProtocol.AccountRequest(Bob, inbox), TestActor);
        Assert.Equal([Alice], OpenMailboxes(region));
        Assert.Equal(MailboxRefusal.Unavailable, ExpectMsg<MailboxReply.Refused>(TimeSpan.FromSeconds(10)).Reason);
        Assert.Equal(OpenStores.Subject, Assert.Single(problems.Current).Subject);
        Assert.Equal([Alice], OpenMailboxes(region));
        // Mail waits.
        var message = Spooled("later");
        region.Tell(new MailboxProtocol.Deliver(Bob, FolderName.Inbox, message), TestActor);
        Assert.IsType<MailboxReply.Refused>(ExpectMsg<MailboxProtocol.Delivered>(TimeSpan.FromSeconds(10)).Result);

        session.Send(region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Unselect()));
        session.ExpectMsg<MailboxReply.Done>();
        AwaitAssert(
            () =>
            {
                region.Tell(new MailboxProtocol.AccountRequest(Bob, inbox), TestActor);
                ExpectMsg<MailboxReply.Status>(TimeSpan.FromSeconds(10));
            },
            TimeSpan.FromSeconds(20));
        Assert.Empty(problems.Current);
    }

    [Fact]
    public void Accounts_do_not_see_each_other()
    {
        Deliver(Alice, "private");
        Assert.Equal(0, Select(CreateTestProbe(), Bob).Uids.Count);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_refused()
    {
        _region.Tell(new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Select(FolderName.Parse("Nowhere"), ReadOnly: false)), TestActor);
        Assert.Equal(MailboxRefusal.NoSuchFolder, ExpectMsg<MailboxReply.Refused>().Reason);
    }

    [Fact]
    public void A_mailbox_that_cannot_be_opened_refuses_temporarily_and_recovers()
    {
        Directory.CreateDirectory(_directory["maildir"]);
        var inTheWay = Path.Combine(_directory["maildir"], "user_2");
        File.WriteAllText(inTheWay, "not a directory");
        _region.Tell(new MailboxProtocol.AccountRequest(Bob, new MailboxRequest.ListFolders()), TestActor);
        Assert.Equal(MailboxRefusal.Unavailable, ExpectMsg<MailboxReply.Refused>().Reason);

        File.Delete(inTheWay);
        AwaitAssert(
            () =>
            {
                _region.Tell(new MailboxProtocol.AccountRequest(Bob, new MailboxRequest.ListFolders()), TestActor);
                ExpectMsg<MailboxReply.Folders>();
            },
            TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_closed_mailbox_opens_again_for_the_next_message()
    {
        Deliver(Alice, "kept");
        _region.Tell(new MailboxProtocol.Close(Alice));
        Assert.Equal(1, Select(CreateTestProbe(), Alice).Uids.Count);
    }

    [Fact]
    public void A_stopped_session_gets_no_more_notifications()
    {
        var session = Sys.ActorOf(Props.Create(() => new Forwarder(TestActor)));
        _region.Tell(new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Select(FolderName.Inbox, ReadOnly: false)), session);
        ExpectMsg<MailboxReply.Selected>();
        Watch(session);
        Sys.Stop(session);
        ExpectTerminated(session);
        Deliver(Alice, "after");
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_long_search_does_not_hold_up_a_delivery()
    {
        for (var i = 0; i < 100; i++) Deliver(Alice, $"text {i}");
        var session = CreateTestProbe();
        var folder = Select(session, Alice);
        session.Send(_region, new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Search(folder.Id, new SearchCriteria.Body("text 99"))));
        Deliver(Alice, "meanwhile");

        // The answer and the push arrive in either order.
        var heard = new[] { session.ReceiveOne(TimeSpan.FromSeconds(5)), session.ReceiveOne(TimeSpan.FromSeconds(5)) };
        Assert.Equal(100u, heard.OfType<MailboxReply.SearchResult>().Single().Uids.Single().Value);
        Assert.Equal(101, heard.OfType<MailboxChanged>().Single().Uids.Count);
    }

    private IEnumerable<AccountId> OpenMailboxes(IActorRef region)
    {
        var administrator = CreateTestProbe();
        administrator.Send(region, MailboxProtocol.List.Instance);
        return administrator.ExpectMsg<MailboxProtocol.Listed>(TimeSpan.FromSeconds(1)).Mailboxes.Select(static m => m.Account);
    }

    private FolderSnapshot Select(Akka.TestKit.TestProbe session, AccountId account, bool isReadOnly = false)
    {
        session.Send(_region, new MailboxProtocol.AccountRequest(account, new MailboxRequest.Select(FolderName.Inbox, isReadOnly)));
        return session.ExpectMsg<MailboxReply.Selected>(TimeSpan.FromSeconds(10)).Folder;
    }

    private void Deliver(AccountId account, string text)
    {
        var probe = CreateTestProbe();
        probe.Send(_region, new MailboxProtocol.Deliver(account, FolderName.Inbox, Spooled(text)));
        Assert.IsType<MailboxReply.Appended>(probe.ExpectMsg<MailboxProtocol.Delivered>(TimeSpan.FromSeconds(10)).Result);
    }

    private SpooledMessage Spooled(string text)
    {
        using var buffer = _spool.Begin();
        buffer.Write(Encoding.ASCII.GetBytes($"From: a@example.org\r\nSubject: {text}\r\n\r\n{text}\r\n"));
        return _spool.Commit(buffer, []);
    }

    private sealed class Forwarder(IActorRef target) : UntypedActor
    {
        protected override void OnReceive(object message) => target.Tell(message);
    }
}
