using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Sessions;
using MailServer.Domain.Accounts;

namespace MailServer.Actors;

/// <summary>Cluster status and commands for the admin API.</summary>
public sealed class ClusterAdministration(ActorSystem system, ActorRegistry actors)
{
    private const int MostBehind = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(system);

    /// <summary>Returns null when this node is not part of a cluster.</summary>
    public static ClusterAdministration? Of(ActorSystem system, ActorRegistry actors) => system.HasExtension<Akka.Cluster.Cluster>() ? new ClusterAdministration(system, actors) : null;

    /// <summary>All nodes, ordered by name.</summary>
    public async Task<IReadOnlyList<ClusterNodeDescription>> ShowAsync(CancellationToken cancel)
    {
        var state = Cluster.State;
        var mailboxes = CountAsync("mailboxes", actors.Get<MailboxActor>(), cancel);
        var collections = CountAsync("collections", actors.Get<CollectionsActor>(), cancel);
        var sessions = await ClusterPeers.AskAllAsync<SessionProtocol.Counted>(system, "sessions", actors.Get<SessionRegistryActor>(), new SessionProtocol.Count(), cancel);
        var (open, dav) = (await mailboxes, await collections);
        var oldest = state.Members.Where(static m => m.Status is MemberStatus.Up or MemberStatus.Leaving).OrderBy(static m => m, Member.AgeOrdering).FirstOrDefault();
        return
        [
            .. state.Members.Select(m => new ClusterNodeDescription(
                ClusterNames.Of(m), m.Address.ToString(), m.Status.ToString(), !state.Unreachable.Contains(m), m.Equals(oldest), m.Address == Cluster.SelfAddress,
                Find(open, m), Find(dav, m), sessions.FirstOrDefault(s => s.Node == ClusterNames.Of(m)).Answer?.Sessions.Values.Sum())).OrderBy(static n => n.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The number of open mailboxes for each shard and node.</summary>
    public async Task<IReadOnlyList<(string Shard, string Node, int Open)>> ShardsAsync(CancellationToken cancel)
    {
        var places = await ClusterPeers.AskAllAsync<ClusterProtocol.ShardCounts>(system, "mailboxes", actors.Get<MailboxActor>(), ClusterProtocol.GetShardCounts.Instance, cancel);
        return [.. places.SelectMany(static p => p.Answer.Shards.Select(s => (s.Key, p.Node ?? "", s.Value))).OrderBy(static s => s.Key.Length).ThenBy(static s => s.Key, StringComparer.Ordinal)];
    }

    /// <summary>The latest events, oldest first.</summary>
    public async Task<IReadOnlyList<ClusterEventDescription>> EventsAsync(int max, CancellationToken cancel) =>
        [.. (await system.ActorSelection(ClusterMonitorActor.Path).Ask<ClusterProtocol.EventHistory>(ClusterProtocol.GetEventHistory.Instance, Patience, cancel)).Events.TakeLast(max)];

    /// <summary>All events from now on, until <paramref name="cancel"/> is cancelled. A slow reader loses the oldest events.</summary>
    public ChannelReader<ClusterEventDescription> Follow(CancellationToken cancel)
    {
        var events = Channel.CreateBounded<ClusterEventDescription>(new BoundedChannelOptions(MostBehind) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var follower = system.ActorOf(ActorFactory.Props(() => new ClusterEventForwarderActor(events.Writer)));
        cancel.Register(() => system.Stop(follower));
        return events.Reader;
    }

    /// <summary>Asks the node to hand over its accounts and exit. False when there is no node with this name.</summary>
    public bool Leave(string node) => Act(node, Cluster.Leave);

    /// <summary>Marks an unreachable node as down. False when there is no node with this name.</summary>
    public bool Down(string node) => Act(node, Cluster.Down);

    /// <summary>Moves the account's shard to a node that is up; takes some seconds. False when there is no node with this name.</summary>
    public bool Move(AccountId account, string node) => Act(node, address =>
    {
        var shard = AccountShards.ShardOf(account);
        foreach (var (name, own) in new[] { ("mailboxes", actors.Get<MailboxActor>()), ("collections", actors.Get<CollectionsActor>()) })
            foreach (var (_, door) in ClusterPeers.Of(system, name, own)) door.Tell(new ClusterProtocol.MoveShard(name, shard, address.ToString()), ActorRefs.NoSender);
    });

    private async Task<IReadOnlyList<(string? Node, ClusterProtocol.ShardCounts Answer)>> CountAsync(string name, IActorRef own, CancellationToken cancel) =>
        await ClusterPeers.AskAllAsync<ClusterProtocol.ShardCounts>(system, name, own, ClusterProtocol.GetShardCounts.Instance, cancel);

    private static int? Find(IReadOnlyList<(string? Node, ClusterProtocol.ShardCounts Answer)> counted, Member member) =>
        counted.FirstOrDefault(c => c.Node == ClusterNames.Of(member)).Answer?.Shards.Sum(static s => s.Value);

    private bool Act(string node, Action<Address> act)
    {
        if (Cluster.State.Members.FirstOrDefault(m => ClusterNames.Of(m) == node) is not { } member) return false;
        act(member.Address);
        return true;
    }
}
