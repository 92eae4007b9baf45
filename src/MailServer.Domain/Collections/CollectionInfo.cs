using MailServer.Domain.Accounts;

namespace MailServer.Domain.Collections;

/// <summary>The properties of a collection at one point in time.</summary>
public sealed record CollectionInfo
{
    /// <summary>Id of the collection, never reused within the account.</summary>
    public required long Id { get; init; }

    public required CollectionPath Path { get; init; }

    public required CollectionKind Kind { get; init; }

    /// <summary>Component types that a calendar accepts; none for other kinds.</summary>
    public required CalendarComponents Components { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Modification sequence; increases with every change of members or properties.</summary>
    public required long ModSeq { get; init; }

    /// <summary>Client-defined properties: XML elements by name in Clark notation (<c>{namespace}local</c>).</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>Accounts with which the collection is shared.</summary>
    public IReadOnlyList<CollectionGrant> Grants { get; init; } = [];

    /// <summary>The mount, if this is a shared collection of another account; otherwise null.</summary>
    public CollectionMount? Mount { get; init; }

    /// <summary>Secrets of the links that give anyone read access.</summary>
    public IReadOnlyList<string> LinkSecrets { get; init; } = [];

    /// <summary>True if the server generates the members.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>Returns the access rights of <paramref name="account"/>, which is not the owner.</summary>
    public CollectionAccess AccessOf(AccountId account) => Grants.FirstOrDefault(grant => grant.Account == account && !grant.Declined)?.Access ?? CollectionAccess.None;

    /// <summary>True if the collection can contain files.</summary>
    public bool IsFolder => Kind == CollectionKind.Folder || (Kind == CollectionKind.Home && Path.Space == CollectionSpace.Files);
}

/// <summary>A resource as described by the index. The body is present only if requested.</summary>
public sealed record ResourceEntry
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Strong entity tag, without quotes.</summary>
    public required string ETag { get; init; }

    public required long Size { get; init; }

    public required string ContentType { get; init; }

    public required CalendarComponents Component { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Modified { get; init; }

    public required long ModSeq { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>True if the body was requested but cannot be read because the database is damaged.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Schedule tag (RFC 6638 §3.2.10), without quotes; null unless the object has an organizer and attendees.</summary>
    public string? ScheduleTag { get; init; }

    /// <summary>True if the index alone has already shown that the resource matches the query.</summary>
    public bool IsKnownMatch { get; init; }

    /// <summary>Dead properties, if requested.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }
}

/// <summary>A resource to be stored, with its index values.</summary>
public sealed record NewResource
{
    public required ReadOnlyMemory<byte> Body { get; init; }

    public required string ETag { get; init; }

    public required string ContentType { get; init; }

    /// <summary>UID, unique within a calendar or address book; null for a file.</summary>
    public string? Uid { get; init; }

    /// <summary>Ids of the managed attachments that the object refers to.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    /// <summary>The birthday event derived from a contact; null if the contact has no birthday.</summary>
    public NewResource? Birthday { get; init; }

    public CalendarComponents Component { get; init; }

    /// <summary>Earliest and latest time that a time-range filter can match, in seconds of Unix time; the extreme values mean unbounded.</summary>
    public long First { get; init; } = long.MinValue;

    public long Last { get; init; } = long.MaxValue;

    /// <summary>See <see cref="ResourceEntry.ScheduleTag"/>.</summary>
    public string? ScheduleTag { get; init; }

    /// <summary>The revision of the organizer's message that produced this copy; null for objects that the account organizes.</summary>
    public ItipRevision? Revision { get; init; }

    /// <summary>All instances as packed by <see cref="InstanceTimes"/>; empty if only the filter can decide.</summary>
    public ReadOnlyMemory<byte> Instances { get; init; }
}
