using MailServer.Actors.Cluster;

namespace MailServer.Web.Pages.Admin;

/// <summary>The nodes of the cluster and recent cluster events. The page returns 404 without a cluster.</summary>
internal static class ClusterPage
{
    public const string Path = "/admin/cluster";

    private const int Events = 50;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request =>
        {
            if (request.Services.Cluster is not { } cluster) throw PageException.NotFound();
            var nodes = await cluster.ShowAsync(request.Cancel);
            var events = await cluster.EventsAsync(Events, request.Cancel);
            return PageResult.Render<ClusterView, ClusterModel>("Cluster", new ClusterModel(nodes, [.. events.Reverse()]));
        }),
    ];
}

/// <summary>The nodes by name, and recent events, newest first.</summary>
public sealed record ClusterModel(IReadOnlyList<ClusterNodeDescription> Nodes, IReadOnlyList<ClusterEventDescription> Events);
