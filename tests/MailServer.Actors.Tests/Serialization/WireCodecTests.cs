using Akka.Actor;
using Akka.Actor.Setup;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Certificates;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Serialization;
using MailServer.Actors.Sessions;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Serialization;

/// <summary>Messages between nodes round-trip, whichever version wrote them.</summary>
public sealed class WireCodecTests : TestKit
{
    // Local to a process: the actors that create sessions, partitions or mailboxes answer them, and they never leave the node.
    private static readonly Type[] Local =
    [
        typeof(SessionProtocol.Start), typeof(SessionProtocol.SignedIn), typeof(SessionProtocol.Tick), typeof(SessionProtocol.PauseTicks), typeof(SessionProtocol.End),
        typeof(SessionProtocol.Drain), typeof(SessionProtocol.Drained), typeof(SessionProtocol.Describe), typeof(QueueProtocol.PartitionRecovered), typeof(QueueProtocol.ContentLost),
        typeof(QueueProtocol.PartitionFailed), typeof(QueueProtocol.EnvelopesApplied), typeof(QueueProtocol.WriteEnvelopes), typeof(QueueProtocol.PausesChanged),
        typeof(ReportsProtocol.SendFinished), typeof(ReportsProtocol.Tick), typeof(ReportsProtocol.Drain), typeof(ClusterProtocol.FollowEvents),
        typeof(OfferProtocol.Abandoned), typeof(OfferProtocol.OfferTick),
    ];

    private readonly TemporaryDirectory _large;

    public WireCodecTests() : this(new TemporaryDirectory())
    {
    }

    private WireCodecTests(TemporaryDirectory large)
        : base(ActorSystemSetup.Create(BootstrapSetup.Create(), new WireSetup(new WireFolders("/tmp", large.Path, "a")))) => _large = large;

    private WireSerializer Serializer => new((ExtendedActorSystem)Sys);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _large.Dispose();
    }

    [Fact]
    public void Every_message_round_trips()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var samples = new WireSamples(new Random(seed), TestActor);
            foreach (var type in WireCodecs.All.Select(f => f.Type).Distinct())
            {
                var said = samples.Make(type)!;
                var read = Serializer.FromBinary(Serializer.ToBinary(said), Serializer.Manifest(said));
                Assert.Equal(WireSamples.Picture(said), WireSamples.Picture(read));
            }
        }
    }

    /// <summary>Covers every message that carries an id, because the id becomes a file name.</summary>
    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void No_message_may_carry_a_spool_id_that_is_a_path(string name)
    {
        var carrying = 0;
        foreach (var type in WireCodecs.All.Select(f => f.Type).Distinct())
        {
            for (var seed = 1; seed <= 20; seed++)
            {
                var hostile = new WireSamples(new Random(seed), TestActor) { SpoolName = name }.Make(type)!;
                var harmless = new WireSamples(new Random(seed), TestActor) { SpoolName = "harmless-name" }.Make(type)!;
                if (!WireSamples.Picture(harmless).Contains("harmless-name", StringComparison.Ordinal)) continue;
                carrying++;
                Serializer.FromBinary(Serializer.ToBinary(harmless), Serializer.Manifest(harmless));
                Assert.Throws<InvalidDataException>(() => Serializer.FromBinary(Serializer.ToBinary(hostile), Serializer.Manifest(hostile)));
            }
        }

        Assert.True(carrying > 100, $"{carrying}");
    }

    [Fact]
    public void Every_message_sent_between_nodes_has_a_wire_format()
    {
        Type[] protocols =
        [
            typeof(MailboxRequest), typeof(MailboxReply), typeof(SearchCriteria), typeof(CollectionRequest), typeof(CollectionReply),
            typeof(MailboxProtocol), typeof(CollectionProtocol), typeof(QueueProtocol), typeof(SessionProtocol),
            typeof(ClusterProtocol), typeof(ReportsProtocol), typeof(CertificateProtocol), typeof(OfferProtocol),
        ];
        var known = WireCodecs.All.Select(f => f.Type).ToHashSet();
        var missing = protocols.SelectMany(p => p.GetNestedTypes(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic))
            .Where(t => t is { IsAbstract: false, IsInterface: false } && t.GetMethod("<Clone>$") is not null && !known.Contains(t) && !Local.Contains(t));
        Assert.Empty(missing);
    }

    [Fact]
    public void Manifests_are_unique_and_carry_their_version() =>
        Assert.All(WireCodecs.All.GroupBy(f => f.Manifest), g => Assert.True(g.Count() == 1 && char.IsAsciiDigit(g.Key[^1]), g.Key));

    // Written by version 0.1; they must stay readable.
    [Theory]
    [InlineData("mailbox.ask-1", "002A0F6D61696C626F782E66657463682D310202020202010A", "AccountRequest{Account=AccountId{Value=21}; Request=Fetch{Folder=FolderId{Value=1}; Uids=1,2; Items=Flags; MarkSeen=True}; Sequence=5}")]
    [InlineData("mailbox.appended-1", "000709", "Appended{Validity=UidValidity{Value=7}; Uid=Uid{Value=9}}")]
    [InlineData("collection.refused-1", "001C00", "Refused{Reason=Unavailable; Path=null}")]
    [InlineData("queue.changed-1", "0001", "Changed{Outcome=Changed; Recipients=0}")]
    public void An_older_version_is_still_understood(string manifest, string octets, string expected) =>
        Assert.StartsWith(expected, WireSamples.Picture(Serializer.FromBinary(Convert.FromHexString(octets), manifest)), StringComparison.Ordinal);

    [Fact]
    public void Details_of_messages_follow_what_older_versions_read()
    {
        var row = new MessageRow { Uid = new Uid(7), Flags = MessageFlags.None, ModSeq = new ModSeq(9), InternalDate = DateTimeOffset.UnixEpoch, Size = 5 };
        var detailed = row with { Details = new MessageDetails("M1", DateTimeOffset.UnixEpoch, "text") };
        foreach (var (before, after) in new (MailboxReply, MailboxReply)[]
        {
            (new MailboxReply.Fetched([row]), new MailboxReply.Fetched([detailed])),
            (new MailboxReply.PartiallyFetched([row], [new Uid(8)]), new MailboxReply.PartiallyFetched([detailed], [new Uid(8)])),
        })
        {
            var (older, newer) = (Serializer.ToBinary(before), Serializer.ToBinary(after));
            Assert.Equal(older, newer[..older.Length]);
            Assert.Null(((MailboxReply.Fetched)Serializer.FromBinary(older, Serializer.Manifest(before))).Rows[0].Details);
            Assert.Equal(detailed.Details, ((MailboxReply.Fetched)Serializer.FromBinary(newer, Serializer.Manifest(after))).Rows[0].Details);
        }
    }

    [Fact]
    public void The_recipient_of_a_delivery_follows_what_older_versions_read()
    {
        var summary = new MessageSummary { Envelope = default, BodyStructure = default, Headers = default, Parts = default, SentDate = null };
        var plain = new MailboxProtocol.Deliver(new AccountId(1), FolderName.Inbox, new SpooledMessage(new SpoolId("1.M1P1Q1.n"), 5, summary, DateTimeOffset.UnixEpoch));
        var full = plain with { Recipient = Domain.Addresses.EmailAddress.Parse("ann+tag@example.org"), SkipsScripts = true, FurtherRecipients = [Domain.Addresses.EmailAddress.Parse("ann+other@example.org")] };
        const int Added = 3;
        var older = Serializer.ToBinary(plain)[..^Added];
        Assert.Equal(older, Serializer.ToBinary(full)[..older.Length]);
        var read = (MailboxProtocol.Deliver)Serializer.FromBinary(older, Serializer.Manifest(plain));
        Assert.Equal((null, false, plain.Message.Id), (read.Recipient, read.SkipsScripts, read.Message.Id));
        read = (MailboxProtocol.Deliver)Serializer.FromBinary(Serializer.ToBinary(full), Serializer.Manifest(full));
        Assert.Equal((full.Recipient, true), (read.Recipient, read.SkipsScripts));
        Assert.Equal(full.FurtherRecipients, read.FurtherRecipients);
        // A version that knows one recipient sends no list of further ones.
        read = (MailboxProtocol.Deliver)Serializer.FromBinary(Serializer.ToBinary(full with { FurtherRecipients = [] })[..^1], Serializer.Manifest(full));
        Assert.Equal((full.Recipient, true, 0), (read.Recipient, read.SkipsScripts, read.FurtherRecipients.Count));
    }

    [Fact]
    public void A_folder_of_a_hundred_thousand_messages_fits_into_a_frame()
    {
        var whole = UidList.TakeOwnership([.. Enumerable.Range(1, 100_000).Select(i => (uint)i)]);
        Assert.True(Serializer.ToBinary(Change(whole)).Length < 100);
        var everyOther = UidList.TakeOwnership([.. Enumerable.Range(1, 100_000).Select(i => (uint)i * 2)]);
        var octets = Serializer.ToBinary(Change(everyOther));
        Assert.True(octets.Length < WireSerializer.Large, $"{octets.Length}");
        Assert.Equal(everyOther.Span.ToArray(), ((MailboxChanged)Serializer.FromBinary(octets, "mailbox.changed-1")).Uids.Span.ToArray());
    }

    [Fact]
    public void Messages_larger_than_a_frame_go_through_a_file_that_is_then_deleted()
    {
        var said = new CollectionReply.AttachmentFound(new ManagedAttachment("1", "text/plain", "f", new byte[25 * 1024 * 1024]));
        var octets = Serializer.ToBinary(said);
        Assert.True(octets.Length < 200);
        Assert.Single(System.IO.Directory.GetFiles(_large.Path));
        var read = (CollectionReply.AttachmentFound)Serializer.FromBinary(octets, Serializer.Manifest(said));
        Assert.Equal(said.Attachment.Body.Length, read.Attachment.Body.Length);
        Assert.Empty(System.IO.Directory.GetFiles(_large.Path));
    }

    [Fact]
    public void Truncated_data_and_excessive_lengths_are_refused()
    {
        var octets = Serializer.ToBinary(new MailboxProtocol.Close(new AccountId(long.MaxValue)));
        Assert.Throws<InvalidDataException>(() => Serializer.FromBinary(octets[..^1], "mailbox.close-1"));
        Assert.Throws<InvalidDataException>(() => Serializer.FromBinary([0, 0xFF, 0xFF, 0xFF, 0x7F], "mailbox.listed-1"));
        Assert.Throws<InvalidDataException>(() => Serializer.FromBinary([0], "mailbox.of-a-later-version-9"));
    }

    private static MailboxChanged Change(UidList uids) => new(new FolderId(1), new ModSeq(7), uids, []);
}
