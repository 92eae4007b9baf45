namespace MailServer.Web.Pages;

/// <summary>One page of a long list.</summary>
public sealed record Paged<T>(IReadOnlyList<T> Items, int Page, int Pages, int Total);

/// <summary>Splits lists into pages.</summary>
public static class Paged
{
    /// <summary>The number of items on a page.</summary>
    public const int Size = 50;

    /// <param name="all">The whole list.</param>
    /// <param name="page">The 1-based page number; clamped to the valid range.</param>
    public static Paged<T> Of<T>(IReadOnlyList<T> all, int page)
    {
        ArgumentNullException.ThrowIfNull(all);
        var pages = Math.Max(1, (all.Count + Size - 1) / Size);
        page = Math.Clamp(page, 1, pages);
        return new Paged<T>([.. all.Skip((page - 1) * Size).Take(Size)], page, pages, all.Count);
    }
}
