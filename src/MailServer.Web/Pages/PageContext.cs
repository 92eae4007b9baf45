using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>The data that every page needs in addition to its model.</summary>
public sealed record PageContext
{
    public required string Title { get; init; }

    public required string Hostname { get; init; }

    public required string Path { get; init; }

    /// <summary>The CSRF token of the forms on the page.</summary>
    public required string FormToken { get; init; }

    /// <summary>The signed-in account; null if there is none.</summary>
    public required Account? Account { get; init; }

    public PageNotice? Notice { get; init; }

    public required string StyleSheet { get; init; }

    /// <summary>True if clustering is enabled.</summary>
    public required bool HasCluster { get; init; }

    public required DateTimeOffset Now { get; init; }

    public bool InAdmin => Path.StartsWith("/admin", StringComparison.Ordinal);
}
