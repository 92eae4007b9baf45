using MailServer.Actors.Authentication;
using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Dav.Push;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Dav;

/// <summary>The services of the node that DAV uses.</summary>
public sealed record DavServices
{
    public required Authenticator Authenticator { get; init; }

    public required ICollections Collections { get; init; }

    public required IDirectory Directory { get; init; }

    /// <summary>Lists the accounts of a domain.</summary>
    public required Func<string, CancellationToken, ValueTask<IReadOnlyList<Account>>> AccountsOf { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Signs push messages; null if push is disabled.</summary>
    public required VapidSigner? Vapid { get; init; }

    public CollectionSharing Sharing => new(Collections, Time);
}
