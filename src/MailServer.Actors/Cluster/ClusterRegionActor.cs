using Akka.Actor;
using Akka.Cluster.Sharding;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>
/// The entry point to all mailboxes, or all collections, of a cluster: forwards a message to the node that hosts its account. It tracks the accounts that
/// are open on this node, so that they can be listed and closed, and the requests that have not arrived.
/// </summary>
internal sealed class ClusterRegionActor : UntypedActor, IWithTimers
{
    /// <summary>Must be the same on every node and never change: it decides which shard an account is in.</summary>
    public const int Shards = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Dictionary<AccountId, IActorRef> _here = [];
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ClusterRegionSettings _settings;
    private readonly RequestTracker _requests;
    private IActorRef _shards = ActorRefs.Nobody;

    public ClusterRegionActor(ClusterRegionSettings settings)
    {
        _settings = settings;
        _requests = new RequestTracker(
            Self, settings.Time, request => settings.Refusal((IForAccount)request), (_, message, client) => _shards.Tell(message, client), () => !ClusterNames.HasOlderNodes(_cluster.System));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClusterRegionSettings settings) => ActorFactory.Props(() => new ClusterRegionActor(settings));

    protected override void PreStart()
    {
        var self = Self;
        var home = new EntityHost
        {
            Node = _settings.Node,
            Entry = self,
            LockTimeout = Patience,
            PassivationMessage = new Akka.Cluster.Sharding.Passivate(StopEntity.Instance),
            OnStarted = (account, actor) => self.Tell(new EntityStarted(account, actor)),
        };
        var sharding = ClusterSharding.Get(Context.System);
        _shards = sharding.Start(
            _settings.Type,
            id => _settings.Child(home, AccountShards.AccountOf(id)).WithMailbox(OfferMailbox.Id),
            ClusterShardingSettings.Create(Context.System),
            new AccountShards(),
            _settings.Placement.For(_settings.Type),
            StopEntity.Instance);
        Timers.StartPeriodicTimer(nameof(OfferProtocol.OfferTick), OfferProtocol.OfferTick.Instance, RequestTracker.Interval);
        Context.System.EventStream.Subscribe(Self, typeof(NodeLost));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IClosesAccount close:
                Close(close);
                break;
            case IForAccount:
                _requests.Send(message, Sender);
                break;
            case NodeLost lost:
                _requests.OnNodeLost(lost.Node);
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
                _settings.Placement.Pin(put.Type, put.Shard, Address.Parse(put.Node));
                break;
            case IShardRegionQuery:
                _shards.Forward(message);
                break;
            default:
                if (!_requests.OnMessage(message, Sender)) Unhandled(message);
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
