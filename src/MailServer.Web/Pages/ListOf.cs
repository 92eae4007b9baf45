using System.Globalization;

namespace MailServer.Web.Pages;

/// <summary>
/// A long list: what is searched, the filters and the sort orders. The query of the page selects among them (<c>q</c>, <c>sort</c>, the names of the filters, <c>page</c>);
/// unknown values are ignored.
/// </summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="path">The path of the page.</param>
/// <param name="text">The searched texts of an item.</param>
public sealed class ListOf<T>(string path, Func<T, IEnumerable<string?>> text)
{
    private const int LongestSearch = 200;

    public required IReadOnlyList<ListColumn<T>> Columns { get; init; }

    public IReadOnlyList<ListFilter<T>> Filters { get; init; } = [];

    /// <summary>Further parameters that links keep, such as the kind of a report.</summary>
    public IReadOnlyList<string> Keeps { get; init; } = [];

    /// <summary>The part of the list that the query of a request selects.</summary>
    /// <param name="request">The request.</param>
    /// <param name="all">All items, in the default order.</param>
    public ListPage<T> Read(PageRequest request, IReadOnlyList<T> all)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(all);
        var search = request.Query("q").Trim();
        if (search.Length > LongestSearch) search = search[..LongestSearch];
        IEnumerable<T> found = all;
        var filters = new List<FilterState>();
        foreach (var filter in Filters)
        {
            var options = filter.Options(all);
            var chosen = options.FirstOrDefault(o => o.Value == request.Query(filter.Name));
            filters.Add(new FilterState(filter.Name, filter.Label, [.. options.Select(static o => (o.Value, o.Text))], chosen?.Value ?? ""));
            if (chosen is not null) found = found.Where(chosen.Matches);
        }

        foreach (var word in search.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            found = found.Where(item => text(item).Any(t => t?.Contains(word, StringComparison.OrdinalIgnoreCase) == true));
        var (key, isDescending) = request.Query("sort") is ['-', .. var rest] ? (rest, true) : (request.Query("sort"), false);
        var column = Columns.FirstOrDefault(c => c.Key == key && c.Order is not null);
        if (column?.Order is { } order) found = order(found, isDescending);
        var state = new ListState
        {
            Path = path,
            Search = search,
            Sort = column is null ? "" : (isDescending ? "-" : "") + column.Key,
            Columns = [.. Columns.Select(static c => new ColumnState(c.Key, c.Label, c.Order is not null, c.IsNumber))],
            Filters = filters,
            Kept = [.. Keeps.Select(k => (k, request.Query(k))).Where(static k => k.Item2.Length is > 0 and <= LongestSearch)],
            Total = all.Count,
        };
        return new ListPage<T>(Paged.Of<T>([.. found], request.PageNumber), state);
    }
}

/// <summary>A column of a list.</summary>
/// <param name="Key">Its name in the query.</param>
/// <param name="Label">Its title.</param>
/// <param name="Order">Sorts the items by it, ascending or descending; null if the list cannot be sorted by it.</param>
/// <param name="IsNumber">True to align it to the right.</param>
public sealed record ListColumn<T>(string Key, string Label, Func<IEnumerable<T>, bool, IEnumerable<T>>? Order, bool IsNumber = false);

/// <summary>Creates columns.</summary>
public static class ListColumn
{
    public static ListColumn<T> Text<T>(string key, string label, Func<T, string> text) =>
        new(key, label, Sorted(text, StringComparer.OrdinalIgnoreCase));

    public static ListColumn<T> Value<T, TKey>(string key, string label, Func<T, TKey> value, bool isNumber = false) =>
        new(key, label, Sorted(value, Comparer<TKey>.Default), isNumber);

    /// <summary>A column that has no order.</summary>
    public static ListColumn<T> Plain<T>(string label) => new("", label, null);

    // The keys are computed once for each item.
    private static Func<IEnumerable<T>, bool, IEnumerable<T>> Sorted<T, TKey>(Func<T, TKey> key, IComparer<TKey> comparer) =>
        (items, isDescending) => isDescending ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer);
}

/// <summary>A filter of a list.</summary>
/// <param name="Name">The query parameter.</param>
/// <param name="Label">The label.</param>
/// <param name="Options">The choices, which may depend on the items.</param>
public sealed record ListFilter<T>(string Name, string Label, Func<IReadOnlyList<T>, IReadOnlyList<FilterOption<T>>> Options);

/// <summary>Creates filters.</summary>
public static class ListFilter
{
    private const int MostOptions = 200;

    public static ListFilter<T> Fixed<T>(string name, string label, params FilterOption<T>[] options) => new(name, label, _ => options);

    /// <summary>A filter with the values that the items have.</summary>
    public static ListFilter<T> Values<T>(string name, string label, Func<T, string> value, Func<string, string>? shown = null) => new(name, label, items =>
        [.. items.Select(value).Where(static v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostOptions)
            .Select(v => new FilterOption<T>(v, shown?.Invoke(v) ?? v, item => value(item) == v))]);
}

/// <summary>A choice of a filter.</summary>
public sealed record FilterOption<T>(string Value, string Text, Func<T, bool> Matches);

/// <summary>The selected part of a list.</summary>
public sealed record ListPage<T>(Paged<T> Part, ListState State)
{
    public IReadOnlyList<T> Items => Part.Items;
}

/// <summary>What is selected of a list, without its items.</summary>
public sealed record ListState
{
    public required string Path { get; init; }

    public required string Search { get; init; }

    /// <summary>The key of the column, with a minus sign if descending; empty: the default order.</summary>
    public required string Sort { get; init; }

    public required IReadOnlyList<ColumnState> Columns { get; init; }

    public required IReadOnlyList<FilterState> Filters { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Kept { get; init; }

    /// <summary>The number of items without search and filters.</summary>
    public required int Total { get; init; }

    public bool IsNarrowed => Search.Length > 0 || Filters.Any(static f => f.Chosen.Length > 0);

    /// <summary>The path with the whole selection but the page number.</summary>
    public string Link(string? sort = null)
    {
        var parameters = Kept.Append(("q", Search)).Concat(Filters.Select(static f => (f.Name, f.Chosen))).Append(("sort", sort ?? Sort)).Where(static p => p.Item2.Length > 0);
        var query = string.Join('&', parameters.Select(static p => $"{p.Item1}={Uri.EscapeDataString(p.Item2)}"));
        return query.Length == 0 ? Path : $"{Path}?{query}";
    }

    /// <summary>The path without search and filters.</summary>
    public string LinkToAll() => (this with { Search = "", Filters = [] }).Link();

    public string CountText(int found) => IsNarrowed
        ? string.Create(CultureInfo.InvariantCulture, $"{found:N0} of {Total:N0}")
        : string.Create(CultureInfo.InvariantCulture, $"{Total:N0} in all");
}

/// <summary>A column of a list.</summary>
public sealed record ColumnState(string Key, string Label, bool CanSort, bool IsNumber);

/// <summary>A filter with its choices and the chosen value; empty: all.</summary>
public sealed record FilterState(string Name, string Label, IReadOnlyList<(string Value, string Text)> Options, string Chosen);
