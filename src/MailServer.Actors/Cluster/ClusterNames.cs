using Akka.Cluster;

namespace MailServer.Actors.Cluster;

/// <summary>What nodes announce as cluster roles: their names, and which messages they understand.</summary>
internal static class ClusterNames
{
    /// <summary>Announced by nodes that accept <see cref="Entities.OfferProtocol.Offer"/>.</summary>
    public const string OffersRole = "accepts-offers";

    private const string Prefix = "node-";

    public static string Of(Member member) =>
        member.Roles.FirstOrDefault(static r => r.StartsWith(Prefix, StringComparison.Ordinal)) is { } role ? role[Prefix.Length..] : member.Address.ToString();

    /// <summary>False while a node of an older version is in the cluster.</summary>
    public static bool AcceptOffers(Akka.Cluster.Cluster cluster) => cluster.State.Members.All(static m => m.HasRole(OffersRole));
}
