using Akka.Actor;
using Akka.Cluster.Sharding;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>
/// The entry point to all mailboxes, or all collections, of a cluster: forwards a message to the node that hosts its account. It tracks the accounts that
/// are open on this node, so that they can be listed and closed.
/// </summary>
/// <param name="type">Name of the shard type.</param>
/// <param name="child">Creates an account's actor for a given host.</param>
/// <param name="node">Name of this node.</param>
/// <param name="placement">Shard allocation.</param>
internal sealed class ClusterRegionActor(string type, Func<EntityHost, AccountId, Props> child, string node, ShardPlacement placement) : UntypedActor
{
    /// <summary>Must be the same on every node and never change: it decides which shard an account is in.</summary>
    public const int Shards = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Dictionary<AccountId, IActorRef> _here = [];
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private IActorRef _shards = ActorRefs.Nobody;

    public static Props Props(string type, Func<EntityHost, AccountId, Props> child, string node, ShardPlacement placement) =>
        ActorFactory.Props(() => new ClusterRegionActor(type, child, node, placement));

    protected override void PreStart()
    {
        var self = Self;
        var home = new EntityHost
        {
            Node = node,
            LockTimeout = Patience,
            PassivationMessage = new Akka.Cluster.Sharding.Passivate(StopEntity.Instance),
            OnStarted = (account, actor) => self.Tell(new EntityStarted(account, actor)),
        };
        var sharding = ClusterSharding.Get(Context.System);
        _shards = sharding.Start(
            type,
            id => child(home, AccountShards.AccountOf(id)),
            ClusterShardingSettings.Create(Context.System),
            new AccountShards(),
            placement.For(type),
            StopEntity.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IClosesAccount close:
                Close(close);
                break;
            case IForAccount:
                _shards.Forward(message);
                break;
            case EntityStarted lives:
                _here[lives.Account] = Context.Watch(lives.Actor);
                break;
            case Terminated terminated:
                foreach (var (account, _) in _here.Where(h => h.Value.Equals(terminated.ActorRef)).ToArray()) _here.Remove(account);
                break;
            case IBroadcastQuery question:
                Context.ActorOf(question.Gather([.. _here.Values], Sender));
                break;
            case ClusterProtocol.GetShardCounts:
                Sender.Tell(new ClusterProtocol.ShardCounts([.. _here.Keys.GroupBy(AccountShards.ShardOf).Select(static g => KeyValuePair.Create(g.Key, g.Count()))]));
                break;
            case ClusterProtocol.MoveShard put:
                placement.Pin(put.Type, put.Shard, Address.Parse(put.Node));
                break;
            case IShardRegionQuery:
                _shards.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Closes the account wherever it is open, without opening it: this region also forwards the message to the regions of the other nodes.</summary>
    private void Close(IClosesAccount close)
    {
        if (_here.TryGetValue(close.Account, out var open)) open.Forward(close);
        if (Sender.Path.Name == Self.Path.Name) return;
        foreach (var member in _cluster.State.Members.Where(m => m.Address != _cluster.SelfAddress))
            Context.ActorSelection(new RootActorPath(member.Address) / "user" / Self.Path.Name).Tell(close);
    }

    private sealed record EntityStarted(AccountId Account, IActorRef Actor) : INoSerializationVerificationNeeded;
}
