using MailServer.Actors.Authentication;
using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Dav;

/// <summary>What DAV needs of the node.</summary>
public sealed record DavServices
{
    public required Authenticator Authenticator { get; init; }

    public required CollectionClient Collections { get; init; }

    public required IDirectory Directory { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
