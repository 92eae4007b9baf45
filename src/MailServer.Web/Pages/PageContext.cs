using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>The data that every page needs in addition to its model.</summary>
public sealed record PageContext
{
    public required string Title { get; init; }

    public required string Hostname { get; init; }

    public required string Path { get; init; }

    /// <summary>The path with its query.</summary>
    public required string Location { get; init; }

    /// <summary>Creates the token of one form.</summary>
    public required Func<string> NewFormToken { get; init; }

    /// <summary>The signed-in account; null if there is none.</summary>
    public required Account? Account { get; init; }

    /// <summary>True if the pages for administrators are open to the account.</summary>
    public bool MayAdminister { get; init; }

    public PageNotice? Notice { get; init; }

    /// <summary>What the pages of the user say all the time, such as that automatic replies are on; null if nothing.</summary>
    public string? Banner { get; init; }

    /// <summary>The form that did not take effect; null if the page is not the response to one.</summary>
    public RejectedForm? Rejected { get; init; }

    /// <summary>True if the page reports an error.</summary>
    public bool IsError { get; init; }

    public required string StyleSheet { get; init; }

    /// <summary>True if clustering is enabled.</summary>
    public required bool HasCluster { get; init; }

    public required DateTimeOffset Now { get; init; }

    public bool InAdmin => Path.StartsWith("/admin", StringComparison.Ordinal);
}
