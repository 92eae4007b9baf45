using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Serialization;
using MailServer.Actors.Tests.Serialization;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>Two actor systems configured like nodes: messages with a wire format arrive, and no message can create objects of a type that it names.</summary>
public sealed class NodeMessagesTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Every serializer of a node, with the Akka messages that need it. Review what an upgrade adds before you list it here.</summary>
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["wire"] = "everything that our actors say to each other",
        ["json"] = "refused",
        ["proto"] = "refused",
        ["daemon-create"] = "refused",
        ["bytes"] = "octets",
        ["primitive"] = "strings and numbers",
        ["akka-containers"] = "messages to a path (ActorSelection)",
        ["akka-misc"] = "Identify, ActorIdentity, PoisonPill, Status, heartbeats of death watch",
        ["akka-system-msg"] = "Watch, Unwatch, DeathWatchNotification",
        ["akka-cluster"] = "gossip, join, leave, heartbeats",
        ["akka-singleton"] = "hand-over of singletons",
        ["akka-sharding"] = "regions and their coordinator",
        ["akka-data-replication"] = "the replicator",
        ["akka-replicated-data"] = "the coordinator's state",
        ["akka-persistence-message"] = "registered by Akka.Persistence; the journal has a format of its own",
        ["akka-persistence-snapshot"] = "registered by Akka.Persistence; the journal has a format of its own",
        ["reliable-delivery"] = "not used; its types are fixed",
    };

    private readonly TemporaryDirectory _large;
    private readonly ActorSystem _other;

    public NodeMessagesTests() : this(new TemporaryDirectory())
    {
    }

    private NodeMessagesTests(TemporaryDirectory large) : base(TestNode.Setup(large["a"], "a"), "mailserver")
    {
        _large = large;
        _other = ActorSystem.Create("mailserver", TestNode.Setup(large["b"], "b"));
    }

    [Fact]
    public void Every_message_of_every_protocol_reaches_the_other_node()
    {
        var there = CreateTestProbe(_other, "there");
        var path = Remote(there);
        var samples = new WireSamples(new Random(7), TestActor);
        foreach (var type in WireCodecs.All.Select(static f => f.Type).Distinct())
        {
            var said = samples.Make(type)!;
            path.Tell(said);
            // An actor reference of this node arrives with its address.
            var local = ((ExtendedActorSystem)Sys).Provider.DefaultAddress.ToString();
            Assert.Equal(WireSamples.Picture(said), WireSamples.Picture(there.ExpectMsg<object>((m, _) => m.GetType() == type, Patience)).Replace(local, "akka://mailserver", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_object_without_a_wire_format_is_rejected_and_later_messages_arrive()
    {
        var there = CreateTestProbe(_other, "there");
        var path = Remote(there);
        foreach (var plain in (object[])[new UnregisteredMessage("x"), new { Anonymous = 1 }, new List<object> { 1 }, new InvalidOperationException("x"), 1.5m, DateTimeOffset.UnixEpoch, typeof(string)])
        {
            path.Tell(plain);
            path.Tell("after");
            there.ExpectMsg("after", Patience);
        }
    }

    [Fact]
    public void Manifests_that_claim_a_replaced_serializer_are_rejected()
    {
        foreach (var id in RefusingSerializer.Replaced.Values)
        {
            foreach (var manifest in new[] { "", typeof(UnregisteredMessage).AssemblyQualifiedName!, typeof(FileInfo).AssemblyQualifiedName! })
                Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize("{\"$type\":\"System.IO.FileInfo\"}"u8.ToArray(), id, manifest));
        }
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Types_without_a_wire_format_get_the_refusing_serializer()
    {
        foreach (var type in new[] { typeof(object), typeof(UnregisteredMessage), typeof(Exception), typeof(Dictionary<string, object>), typeof(Google.Protobuf.WellKnownTypes.Any) })
            Assert.IsType<RefusingSerializer>(Sys.Serialization.FindSerializerForType(type));
        foreach (var type in WireCodecs.All.Select(static f => f.Type)) Assert.IsType<WireSerializer>(Sys.Serialization.FindSerializerForType(type));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Every_registered_serializer_is_listed_with_its_reason()
    {
        var config = Sys.Settings.Config.GetConfig("akka.actor.serializers");
        var found = config.Root.GetObject().Unwrapped.Keys.ToHashSet(StringComparer.Ordinal);
        Assert.Equal(string.Join(' ', Known.Keys.Order(StringComparer.Ordinal)), string.Join(' ', found.Order(StringComparer.Ordinal)));
        Assert.All(Known.Where(static k => k.Value == "refused"), k => Assert.Contains(k.Key, RefusingSerializer.Replaced.Keys));
        Assert.All(found, name => Assert.False(Type.GetType(config.GetString(name)) == typeof(NewtonSoftJsonSerializer), name));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _other.Terminate().Wait(Patience);
        base.Dispose(disposing);
        if (disposing) _large.Dispose();
    }

    private ActorSelection Remote(TestProbe probe)
    {
        var address = ((ExtendedActorSystem)_other).Provider.DefaultAddress;
        return Sys.ActorSelection(new RootActorPath(address) / probe.Ref.Path.Elements);
    }

    private sealed record UnregisteredMessage(string Text);
}
