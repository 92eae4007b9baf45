using MailServer.Actors.History;
using MailServer.Domain.Measurements;

namespace MailServer.Web.Pages.Admin;

/// <summary>Messages, traffic, refusals, queue and sign-ins over a day, a month or a year, of one node or of all together.</summary>
internal static class HistoryPage
{
    public const string Path = "/admin/history";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request =>
        {
            // Unknown periods and nodes are ignored, as in lists.
            _ = HistorySpans.TryParse(request.Query("span"), out var span);
            var history = await request.Services.History.ReadAsync(span, null, request.Cancel);
            var node = history.Nodes.Contains(request.Query("node")) ? request.Query("node") : null;
            if (node is not null) history = await request.Services.History.ReadAsync(span, node, request.Cancel);
            return PageResult.Render<HistoryView, HistoryModel>("History", new HistoryModel(history, node));
        }),
    ];

    public static string Link(HistorySpan span, string? node) =>
        $"{Path}?span={HistorySpans.NameOf(span)}{(node is null ? "" : "&node=" + Uri.EscapeDataString(node))}";
}

/// <summary>The history, and the node that is shown; null: all together.</summary>
public sealed record HistoryModel(ServerHistory History, string? Node);
