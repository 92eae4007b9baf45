using Akka.Actor;
using Akka.Cluster;

namespace MailServer.Actors.Cluster;

/// <summary>The actors with a given name on all nodes.</summary>
internal static class ClusterPeers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>This node's actor first; without a cluster, only this node's.</summary>
    public static IReadOnlyList<(string? Node, ICanTell Actor)> Of(ActorSystem system, string name, IActorRef own)
    {
        if (!system.HasExtension<Akka.Cluster.Cluster>()) return [(null, own)];
        var cluster = Akka.Cluster.Cluster.Get(system);
        var others = cluster.State.Members.Where(m => m.Address != cluster.SelfAddress && m.Status is MemberStatus.Up or MemberStatus.Leaving && !cluster.State.Unreachable.Contains(m));
        return [(ClusterNames.Of(cluster.SelfMember), own), .. others.Select(m => ((string?)ClusterNames.Of(m), (ICanTell)system.ActorSelection(new RootActorPath(m.Address) / "user" / name)))];
    }

    /// <summary>The name of the node at an address.</summary>
    public static string NameOf(ActorSystem system, string host) =>
        Akka.Cluster.Cluster.Get(system).State.Members.FirstOrDefault(m => m.Address.Host == host) is { } member ? ClusterNames.Of(member) : host;

    /// <summary>The answers of all nodes; a node that does not answer in time is left out.</summary>
    public static async Task<IReadOnlyList<(string? Node, T Answer)>> AskAllAsync<T>(ActorSystem system, string name, IActorRef own, object question, CancellationToken cancel)
        where T : class
    {
        var answers = await Task.WhenAll(Of(system, name, own).Select(async peer =>
        {
            try
            {
                return (peer.Node, Answer: (T?)await peer.Actor.Ask<T>(question, Patience, cancel));
            }
            catch (AskTimeoutException)
            {
                return (peer.Node, null);
            }
        }));
        return [.. answers.Where(static a => a.Answer is not null).Select(static a => (a.Node, a.Answer!))];
    }
}
