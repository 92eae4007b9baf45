using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.Collections;

/// <summary>Where the collections of one account are, and their bounds.</summary>
public sealed record CollectionStoreOptions
{
    /// <summary>The account's folder, in which <c>dav.db</c> lies.</summary>
    public required string Directory { get; init; }

    /// <summary>Whose collections they must be; null: not known, so it is not looked at.</summary>
    public Account? Owner { get; init; }

    public required Limits Limits { get; init; }
}
