using MailServer.Actors.Cluster;

namespace MailServer.Web.Pages.Admin;

/// <summary>The nodes, what lives on each, and what happened. For a node alone there is no such page.</summary>
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
            return PageAnswer.Show<ClusterView, ClusterModel>("Cluster", new ClusterModel(nodes, [.. events.Reverse()]));
        }),
    ];
}

/// <summary>The nodes by name, and the last events, newest first.</summary>
public sealed record ClusterModel(IReadOnlyList<ClusterNodeDescription> Nodes, IReadOnlyList<ClusterEventDescription> Events);
