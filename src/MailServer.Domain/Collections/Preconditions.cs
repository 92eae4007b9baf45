namespace MailServer.Domain.Collections;

/// <summary>The preconditions of a request. The store evaluates them atomically with the change.</summary>
public sealed record Preconditions
{
    public static Preconditions None { get; } = new();

    /// <summary>If-Match (RFC 9110 §13.1.1); null if not sent.</summary>
    public ETagList? IfMatch { get; init; }

    /// <summary>If-None-Match (RFC 9110 §13.1.2); null if not sent.</summary>
    public ETagList? IfNoneMatch { get; init; }

    /// <summary>If-Schedule-Tag-Match (RFC 6638 §8.3), without quotes; null if not sent.</summary>
    public string? IfScheduleTag { get; init; }

    /// <summary>If (RFC 4918 §10.4): one of the lists must match; empty if not sent.</summary>
    public IReadOnlyList<IfConditionList> If { get; init; } = [];

    /// <summary>True if the If header contains <paramref name="token"/>, that is, the client submits this lock token.</summary>
    public bool Submits(string token) => If.Any(list => list.Conditions.Any(state => state.Token == token));
}

/// <summary>A list of entity tags without quotes, or <c>*</c>.</summary>
public sealed record ETagList(bool Any, IReadOnlyList<string> Tags)
{
    /// <param name="etag">The entity tag of the existing resource; null if there is none.</param>
    public bool Matches(string? etag) => etag is not null && (Any || Tags.Contains(etag, StringComparer.Ordinal));
}

/// <summary>One list of an If header: all its conditions must hold for <paramref name="Resource"/>, or for the request path if null.</summary>
/// <param name="Resource">The tagged resource, if it belongs to the account.</param>
/// <param name="IsForeign">True if the list is tagged with a URL outside the account; positive conditions then never hold.</param>
/// <param name="Conditions">The conditions.</param>
public sealed record IfConditionList(CollectionPath? Resource, bool IsForeign, IReadOnlyList<IfCondition> Conditions);

/// <summary>A condition: the resource has, or does not have, an entity tag, or a token of a lock or, if it is a collection, of a synchronization (RFC 6578 §5).</summary>
public sealed record IfCondition(bool Not, string? Token, string? ETag);
