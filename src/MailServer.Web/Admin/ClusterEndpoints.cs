using MailServer.Actors.Cluster;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// The cluster over HTTP: <c>GET cluster</c>, <c>GET cluster/shards</c>, <c>POST cluster/{node}/leave</c>, <c>POST cluster/{node}/down</c>,
/// <c>POST cluster/{node}/take/{address}</c>. A node alone answers 404 to all.
/// </summary>
public static class ClusterEndpoints
{
    /// <param name="endpoints">Where.</param>
    /// <param name="cluster">Null: there is none.</param>
    /// <param name="directory">Finds accounts.</param>
    public static void MapCluster(this IEndpointRouteBuilder endpoints, ClusterAdministration? cluster, IDirectory directory)
    {
        if (cluster is null) return;
        var admin = endpoints.MapGroup(AdminApi.Prefix).MapGroup("cluster");
        admin.MapGet("", async context => await LiveEndpoints.WriteAsync(context, new ClusterDocument([.. (await cluster.ShowAsync(context.RequestAborted)).Select(static n => new ClusterNodeDocument(
            n.Name, n.Address, n.Status, n.Reachable, n.IsOldest, n.IsSelf, n.Mailboxes, n.Collections, n.Sessions))])));
        admin.MapGet("shards", async context => await LiveEndpoints.WriteAsync(context, new ShardListDocument(
            [.. (await cluster.ShardsAsync(context.RequestAborted)).Select(static s => new ShardDocument(s.Shard, s.Node, s.Open))])));
        admin.MapPost("{node}/leave", context => LiveEndpoints.Answer(context, cluster.Leave(LiveEndpoints.Route(context, "node"))));
        admin.MapPost("{node}/down", context => LiveEndpoints.Answer(context, cluster.Down(LiveEndpoints.Route(context, "node"))));
        admin.MapPost("{node}/take/{address}", async context =>
        {
            var login = EmailAddress.TryParse(LiveEndpoints.Route(context, "address"), out var address) ? await directory.FindLoginAsync(address, context.RequestAborted) : null;
            await LiveEndpoints.Answer(context, login is not null && cluster.Move(login.Account.Id, LiveEndpoints.Route(context, "node")));
        });
    }
}

/// <summary>The nodes.</summary>
public sealed record ClusterDocument(IReadOnlyList<ClusterNodeDocument> Nodes);

/// <summary>One node; the counts are null when it does not answer.</summary>
public sealed record ClusterNodeDocument(
    string Name, string Address, string Status, bool Reachable, bool Oldest, bool Self, int? Mailboxes, int? Collections, int? Sessions);

/// <summary>The shards with open mailboxes.</summary>
public sealed record ShardListDocument(IReadOnlyList<ShardDocument> Shards);

/// <summary>One of them, and how many mailboxes are open in it.</summary>
public sealed record ShardDocument(string Shard, string Node, int Open);
