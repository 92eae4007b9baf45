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

    public required DateTimeOffset Now { get; init; }

    public bool InAdmin => Path.StartsWith("/admin", StringComparison.Ordinal);
}

/// <summary>One page of a long list.</summary>
public sealed record Paged<T>(IReadOnlyList<T> Items, int Page, int Pages, int Total)
{
    public const int Size = 50;

    /// <param name="all">The whole list.</param>
    /// <param name="page">From 1; brought into the list.</param>
    public static Paged<T> Of(IReadOnlyList<T> all, int page)
    {
        ArgumentNullException.ThrowIfNull(all);
        var pages = Math.Max(1, (all.Count + Size - 1) / Size);
        page = Math.Clamp(page, 1, pages);
        return new Paged<T>([.. all.Skip((page - 1) * Size).Take(Size)], page, pages, all.Count);
    }
}
