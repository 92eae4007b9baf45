namespace MailServer.Domain;

// Calendars, contacts and files.
public sealed partial record Limits
{
    /// <summary>Maximum size of a calendar object or contact, including photos; announced as max-resource-size.</summary>
    public int DavResource { get; init; } = 10 * 1024 * 1024;

    /// <summary>Maximum size of a contact. A photo of 10 MB has 14 MB in Base64.</summary>
    public int DavContact { get; init; } = 24 * 1024 * 1024;

    /// <summary>Maximum size of a file in the file space.</summary>
    public int DavFile { get; init; } = 100 * 1024 * 1024;

    /// <summary>Maximum size of the XML body of a DAV request.</summary>
    public int DavXml { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum nesting of elements in a DAV request.</summary>
    public int DavXmlDepth { get; init; } = 64;

    /// <summary>Maximum number of resources per page of a multistatus.</summary>
    public int DavPage { get; init; } = 1_000;

    /// <summary>Maximum total size of the resources read for one page of a multistatus.</summary>
    public int DavPageOctets { get; init; } = 1024 * 1024;

    /// <summary>Maximum number of collections and folders per account.</summary>
    public int DavCollections { get; init; } = 10_000;

    /// <summary>Maximum number of path segments below a home.</summary>
    public int DavDepth { get; init; } = 64;

    /// <summary>Maximum length of a path segment, decoded, in UTF-8.</summary>
    public int DavName { get; init; } = 1_000;

    /// <summary>Maximum size of a client-defined property, as XML.</summary>
    public int DavProperty { get; init; } = 256 * 1024;

    /// <summary>Maximum number of client-defined properties per resource or collection.</summary>
    public int DavProperties { get; init; } = 200;

    /// <summary>Maximum number of simultaneous locks per account.</summary>
    public int DavLocks { get; init; } = 1_000;

    /// <summary>Maximum lifetime of a lock that is not refreshed.</summary>
    public TimeSpan DavLockLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Maximum total size of the collections and files of an account.</summary>
    public long DavQuota { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Number of removals recorded per collection for synchronisation. Older sync tokens are rejected, and the client starts a full synchronisation.</summary>
    public int DavTombstones { get; init; } = 20_000;

    /// <summary>Maximum number of accounts with which a collection is shared.</summary>
    public int DavShares { get; init; } = 500;

    /// <summary>Maximum number of secret links per calendar.</summary>
    public int DavLinks { get; init; } = 20;

    /// <summary>Maximum size of a managed attachment.</summary>
    public int DavAttachment { get; init; } = 25 * 1024 * 1024;

    /// <summary>Maximum number of managed attachments per calendar object.</summary>
    public int DavAttachments { get; init; } = 50;

    /// <summary>Maximum number of push subscriptions per collection (WebDAV-Push).</summary>
    public int DavSubscriptions { get; init; } = 100;

    /// <summary>Maximum lifetime of a push subscription that is not renewed.</summary>
    public TimeSpan DavSubscriptionLifetime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Maximum number of queued push messages of the node; further ones are dropped, and clients find the changes at their next poll.</summary>
    public int PushBacklog { get; init; } = 10_000;

    /// <summary>Maximum number of principals returned by a search.</summary>
    public int DavPrincipals { get; init; } = 200;
}
