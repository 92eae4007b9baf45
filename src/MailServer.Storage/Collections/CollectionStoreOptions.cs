using MailServer.Domain;

namespace MailServer.Storage.Collections;

/// <summary>Where the collections of one account are, and their bounds.</summary>
public sealed record CollectionStoreOptions
{
    /// <summary>The account's folder, in which <c>dav.db</c> lies.</summary>
    public required string Directory { get; init; }

    public required Limits Limits { get; init; }
}
