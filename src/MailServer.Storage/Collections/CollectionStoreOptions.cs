using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.Collections;

/// <summary>Location and settings of the collections of one account.</summary>
public sealed record CollectionStoreOptions
{
    /// <summary>The account folder, which contains <c>dav.db</c>.</summary>
    public required string Directory { get; init; }

    /// <summary>The expected owner; null skips the check.</summary>
    public Account? Owner { get; init; }

    public required Limits Limits { get; init; }
}
