using Akka.Cluster;

namespace MailServer.Actors.Cluster;

/// <summary>Node names, which nodes announce as a cluster role.</summary>
internal static class ClusterNames
{
    private const string Prefix = "node-";

    public static string Of(Member member) =>
        member.Roles.FirstOrDefault(static r => r.StartsWith(Prefix, StringComparison.Ordinal)) is { } role ? role[Prefix.Length..] : member.Address.ToString();
}
