using Akka.Actor;
using Akka.Cluster;

namespace MailServer.Actors.Cluster;

/// <summary>What a node announces as cluster roles: its name, and which messages it understands.</summary>
internal static class ClusterNames
{
    /// <summary>Announces that a node understands the messages that were added after version 0.1.</summary>
    public const string CurrentWire = "wire-2";

    private const string Prefix = "node-";

    public static string Of(Member member) =>
        member.Roles.FirstOrDefault(static r => r.StartsWith(Prefix, StringComparison.Ordinal)) is { } role ? role[Prefix.Length..] : member.Address.ToString();

    /// <summary>True during a rolling upgrade: a node in the cluster does not understand all messages of this version. False without a cluster.</summary>
    public static bool HasOlderNodes(ActorSystem system) =>
        system.HasExtension<Akka.Cluster.Cluster>() && Akka.Cluster.Cluster.Get(system).State.Members.Any(static m => !m.HasRole(CurrentWire));
}
