namespace MailServer.Domain.Collections;

/// <summary>What must be true for a request to be done; checked by the store, in the same turn as the change.</summary>
public sealed record Preconditions
{
    public static Preconditions None { get; } = new();

    /// <summary>RFC 9110 §13.1.1; null when not sent.</summary>
    public ETagList? IfMatch { get; init; }

    /// <summary>RFC 9110 §13.1.2; null when not sent.</summary>
    public ETagList? IfNoneMatch { get; init; }

    /// <summary>RFC 6638 §8.3, without its quotes; null when not sent.</summary>
    public string? IfScheduleTag { get; init; }

    /// <summary>RFC 4918 §10.4: one of the lists must hold; empty when not sent.</summary>
    public IReadOnlyList<StateList> If { get; init; } = [];

    /// <summary>True when <paramref name="token"/> stands anywhere in the If header: so a client says that it knows of the lock.</summary>
    public bool Submits(string token) => If.Any(list => list.States.Any(state => state.Token == token));
}

/// <summary>Entity tags without their quotes, or <c>*</c>.</summary>
public sealed record ETagList(bool Any, IReadOnlyList<string> Tags)
{
    /// <param name="etag">The tag of what is there; null when nothing is.</param>
    public bool Matches(string? etag) => etag is not null && (Any || Tags.Contains(etag, StringComparer.Ordinal));
}

/// <summary>One list of an If header: all of its states must hold for <paramref name="Resource"/> (null: the one that is asked for).</summary>
/// <param name="Resource">The tagged resource, when it lies within the account.</param>
/// <param name="Elsewhere">It is tagged with a URL that leads nowhere here: it never holds.</param>
/// <param name="States">What must hold.</param>
public sealed record StateList(CollectionPath? Resource, bool Elsewhere, IReadOnlyList<ResourceState> States);

/// <summary>A lock token or an entity tag that a resource has, or has not.</summary>
public sealed record ResourceState(bool Not, string? Token, string? ETag);
