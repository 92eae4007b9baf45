using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Allocates shards evenly, except those that an administrator has pinned to a node. A pinned shard stays on its node as long as the node is available.
/// Every node knows the pinned shards because any node may become the coordinator.
/// </summary>
internal sealed class ShardPlacement
{
    private readonly ConcurrentDictionary<(string Type, string Shard), Address> _put = [];

    public void Pin(string type, string shard, Address node) => _put[(type, shard)] = node;

    public IShardAllocationStrategy For(string type) => new Strategy(this, type, ShardAllocationStrategy.LeastShardAllocationStrategy(absoluteLimit: 16, relativeLimit: 0.25));

    private sealed class Strategy(ShardPlacement placement, string type, IShardAllocationStrategy even) : IActorSystemDependentAllocationStrategy
    {
        private Address _self = Address.AllSystems;
        private Akka.Event.EventStream? _events;

        public void Start(ActorSystem system)
        {
            _self = Akka.Cluster.Cluster.Get(system).SelfAddress;
            _events = system.EventStream;
            if (even is IActorSystemDependentAllocationStrategy dependent) dependent.Start(system);
        }

        public async Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
        {
            var home = RegionOf(shardId, currentShardAllocations.Keys) ?? await even.AllocateShard(requester, shardId, currentShardAllocations);
            _events?.Publish(new ShardPlaced(type, shardId, AddressOf(home)));
            return home;
        }

        public async Task<IImmutableSet<string>> Rebalance(
            IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
        {
            var misplaced = currentShardAllocations
                .SelectMany(region => region.Value.Where(shard => RegionOf(shard, currentShardAllocations.Keys) is { } wanted && !wanted.Equals(region.Key)))
                .Where(shard => !rebalanceInProgress.Contains(shard))
                .ToImmutableHashSet();
            if (misplaced.Count > 0) return misplaced;
            var moving = await even.Rebalance(currentShardAllocations, rebalanceInProgress);
            return moving.Where(shard => RegionOf(shard, currentShardAllocations.Keys) is null).ToImmutableHashSet();
        }

        private IActorRef? RegionOf(string shard, IEnumerable<IActorRef> regions)
        {
            if (!placement._put.TryGetValue((type, shard), out var node)) return null;
            return regions.FirstOrDefault(r => AddressOf(r).Equals(node));
        }

        /// <summary>The region of this node has no address in its path.</summary>
        private Address AddressOf(IActorRef region) => region.Path.Address.HasLocalScope ? _self : region.Path.Address;
    }
}
