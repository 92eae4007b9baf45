using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>What every page knows beside its model.</summary>
public sealed record PageContext
{
    public required string Title { get; init; }

    public required string Hostname { get; init; }

    public required string Path { get; init; }

    /// <summary>The token of its forms.</summary>
    public required string FormToken { get; init; }

    /// <summary>Who is signed in; null: nobody.</summary>
    public required Account? Account { get; init; }

    public Notice? Notice { get; init; }

    public required string StyleSheet { get; init; }

    /// <summary>There are other nodes, or may be.</summary>
    public required bool HasCluster { get; init; }

    public required DateTimeOffset Now { get; init; }

    public bool InAdmin => Path.StartsWith("/admin", StringComparison.Ordinal);
}
