using MailServer.Domain.Accounts;

namespace MailServer.Domain.Collections;

/// <summary>A collection as it is at one moment.</summary>
public sealed record CollectionInfo
{
    /// <summary>Its number, never used twice within the account.</summary>
    public required long Id { get; init; }

    public required CollectionPath Path { get; init; }

    public required CollectionKind Kind { get; init; }

    /// <summary>What a calendar takes; nothing elsewhere.</summary>
    public required CalendarComponents Components { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Grows with every change of its members or properties.</summary>
    public required long ModSeq { get; init; }

    /// <summary>What clients have set on it: XML elements by their names in Clark notation (<c>{namespace}local</c>).</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>Whom it is shared with.</summary>
    public IReadOnlyList<CollectionGrant> Grants { get; init; } = [];

    /// <summary>Not null: it is another account's, and stands here.</summary>
    public CollectionMount? Mount { get; init; }

    /// <summary>Secrets by which anyone may read it.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>The server itself writes what is in it.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>What <paramref name="account"/> may do with it that does not own it.</summary>
    public CollectionAccess AccessOf(AccountId account) => Grants.FirstOrDefault(grant => grant.Account == account && !grant.Declined)?.Access ?? CollectionAccess.None;

    /// <summary>True when files may be put into it.</summary>
    public bool IsFolder => Kind == CollectionKind.Folder || (Kind == CollectionKind.Home && Path.Space == CollectionSpace.Files);
}

/// <summary>A resource as the index knows it; its octets are there only when they were asked for.</summary>
public sealed record ResourceEntry
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>A strong entity tag, without its quotes.</summary>
    public required string ETag { get; init; }

    public required long Size { get; init; }

    public required string ContentType { get; init; }

    public required CalendarComponents Component { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Modified { get; init; }

    public required long ModSeq { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its octets were asked for and cannot be read: that part of the database is damaged.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>RFC 6638 §3.2.10, without its quotes; null for what has no organizer and attendees.</summary>
    public string? ScheduleTag { get; init; }

    /// <summary>The answer of a query for which the index has shown that it matches.</summary>
    public bool IsMatch { get; init; }

    /// <summary>Dead properties, when they were asked for.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }
}

/// <summary>A resource to be stored, with what the index keeps of it.</summary>
public sealed record NewResource
{
    public required ReadOnlyMemory<byte> Body { get; init; }

    public required string ETag { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Unique within its calendar or address book; null for a file.</summary>
    public string? Uid { get; init; }

    /// <summary>The managed attachments that it names.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    /// <summary>The event in the calendar of birthdays that comes of a contact; null when it says no day.</summary>
    public NewResource? Birthday { get; init; }

    public CalendarComponents Component { get; init; }

    /// <summary>The first and last moment that a time-range can meet, in seconds of Unix time; open ends are the extreme values.</summary>
    public long First { get; init; } = long.MinValue;

    public long Last { get; init; } = long.MaxValue;

    /// <summary>See <see cref="ResourceEntry.ScheduleTag"/>.</summary>
    public string? ScheduleTag { get; init; }

    /// <summary>The organizer's message that it comes from; null for what the account organizes itself.</summary>
    public ItipRevision? Revision { get; init; }

    /// <summary>All instances, as <see cref="InstanceTimes"/> packs them; empty when only a filter can tell.</summary>
    public ReadOnlyMemory<byte> Instances { get; init; }
}
