using System.Text.Json;
using MailServer.Actors;
using MailServer.Actors.Cluster;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MailServer.Web.Admin;

/// <summary>
/// Cluster endpoints: <c>GET cluster</c>, <c>GET cluster/shards</c>, <c>GET cluster/events?max=</c>, <c>GET cluster/events/follow</c>, <c>POST cluster/{node}/leave</c>,
/// <c>POST cluster/{node}/down</c>, <c>POST cluster/{node}/take/{address}</c>. Without a cluster all of them return 404.
/// </summary>
public static class ClusterEndpoints
{
    private const int MostEvents = 500;

    /// <param name="endpoints">The route table of the admin socket.</param>
    /// <param name="cluster">Null if clustering is not enabled.</param>
    /// <param name="directory">Looks up accounts.</param>
    public static void MapCluster(this IEndpointRouteBuilder endpoints, ClusterAdministration? cluster, IDirectory directory)
    {
        if (cluster is null) return;
        var admin = endpoints.MapGroup(AdminApi.Prefix).MapGroup("cluster");
        admin.MapGet("", async context => await RuntimeEndpoints.WriteAsync(context, new ClusterDocument([.. (await cluster.ShowAsync(context.RequestAborted)).Select(static n => new ClusterNodeDocument(
            n.Name, n.Address, n.Status, n.Reachable, n.IsOldest, n.IsSelf, n.Mailboxes, n.Collections, n.Sessions))])));
        admin.MapGet("shards", async context => await RuntimeEndpoints.WriteAsync(context, new ShardListDocument(
            [.. (await cluster.ShardsAsync(context.RequestAborted)).Select(static s => new ShardDocument(s.Shard, s.Node, s.Open))])));
        admin.MapGet("events", async context => await RuntimeEndpoints.WriteAsync(context, new ClusterEventListDocument(
            [.. (await cluster.EventsAsync(MostOf(context), context.RequestAborted)).Select(Describe)])));
        admin.MapGet("events/follow", context => FollowAsync(context, cluster));
        admin.MapPost("{node}/leave", context => RuntimeEndpoints.Answer(context, cluster.Leave(RuntimeEndpoints.Route(context, "node"))));
        admin.MapPost("{node}/down", context => RuntimeEndpoints.Answer(context, cluster.Down(RuntimeEndpoints.Route(context, "node"))));
        admin.MapPost("{node}/take/{address}", async context =>
        {
            var login = EmailAddress.TryParse(RuntimeEndpoints.Route(context, "address"), out var address) ? await directory.FindLoginAsync(address, context.RequestAborted) : null;
            await RuntimeEndpoints.Answer(context, login is not null && cluster.Move(login.Account.Id, RuntimeEndpoints.Route(context, "node")));
        });
    }

    /// <summary>Streams cluster events as one JSON document per line, until the client disconnects or the node stops.</summary>
    private static async Task FollowAsync(HttpContext context, ClusterAdministration cluster)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var events = cluster.Follow(ends.Token);
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            await foreach (var happened in events.ReadAllAsync(ends.Token))
            {
                await JsonSerializer.SerializeAsync(context.Response.Body, Describe(happened), RuntimeJson.Default.ClusterEventDocument, ends.Token);
                await context.Response.WriteAsync("\n", ends.Token);
                await context.Response.Body.FlushAsync(ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client disconnected, or the node is stopping.
        }
    }

    private static ClusterEventDocument Describe(ClusterEventDescription e) => new(e.At, e.Kind.ToString().ToLowerInvariant(), e.Node, e.SeenBy, e.Text);

    private static int MostOf(HttpContext context) => int.TryParse(context.Request.Query["max"], out var n) ? Math.Clamp(n, 1, MostEvents) : MostEvents;
}

/// <summary>Cluster events, oldest first.</summary>
public sealed record ClusterEventListDocument(IReadOnlyList<ClusterEventDocument> Events);

/// <summary>A cluster event. <paramref name="Kind"/> is member, removed, unreachable, reachable, lease, shards or singleton.</summary>
public sealed record ClusterEventDocument(DateTimeOffset At, string Kind, string Node, string SeenBy, string Text);

/// <summary>The nodes of the cluster.</summary>
public sealed record ClusterDocument(IReadOnlyList<ClusterNodeDocument> Nodes);

/// <summary>A cluster node. The counts are null if it does not respond.</summary>
public sealed record ClusterNodeDocument(
    string Name, string Address, string Status, bool Reachable, bool Oldest, bool Self, int? Mailboxes, int? Collections, int? Sessions);

/// <summary>The shards that have open mailboxes.</summary>
public sealed record ShardListDocument(IReadOnlyList<ShardDocument> Shards);

/// <summary>A shard, its node and the number of open mailboxes.</summary>
public sealed record ShardDocument(string Shard, string Node, int Open);
