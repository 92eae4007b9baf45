using System.Xml.Linq;
using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Push;
using MailServer.Protocol.Dav.Xml;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav;

/// <summary>A DAV request of an authenticated account: its target, parsed headers and body, and access to the collections.</summary>
internal sealed class DavRequest(HttpContext http, DavServices services, Account account, DavTarget target, Account owner)
{
    // Elements of few octets each become objects of a hundred.
    private const int ParsedXml = 16;

    private CollectionInfo? _mount;

    public HttpContext Http { get; } = http;

    public Limits Limits => services.Limits;

    public DateTimeOffset Now => services.Time.GetUtcNow();

    public DavServices Services => services;

    /// <summary>The authenticated account.</summary>
    public Account Account => account;

    /// <summary>The account whose home the URL names.</summary>
    public EmailAddress Owner => owner.Address;

    public AccountId OwnerId => owner.Id;

    /// <summary>The owner of the collection that was accessed last: the account in the URL, or the account that shared the collection with it.</summary>
    public EmailAddress CollectionOwner => _mount?.Mount?.OwnerAddress ?? Owner;

    /// <summary>The authenticated account if it is not the owner; otherwise null.</summary>
    private AccountId? Visitor => owner.Id == account.Id ? null : account.Id;

    public DavTarget Target { get; } = target;

    public string Method => Http.Request.Method;

    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>The path in the collections of the account. Throws <see cref="DavException"/> (405) if the URL names anything else.</summary>
    public CollectionPath Path => Target is DavTarget.StoredResource member ? member.Path : throw DavException.MethodNotAllowed("the method is not allowed for this URL");

    /// <summary>True if the URL ends with a slash, as URLs of collections do.</summary>
    public bool HasSlash => Target is DavTarget.StoredResource { HasSlash: true };

    /// <summary>True if the client sent <c>return=minimal</c> (RFC 7240) or <c>Brief: t</c>.</summary>
    public bool PrefersMinimal => Header("Prefer")?.Contains("return=minimal", StringComparison.OrdinalIgnoreCase) == true
        || Header("Brief")?.Trim().Equals("t", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>True if the client does not need the definitions of standard time zones (RFC 7809 §4.1).</summary>
    public bool OmitsTimeZones => Header("CalDAV-Timezones")?.Trim() is "F" or "f";

    /// <summary>True if the client needs the definition of each time zone (RFC 7809 §4.1). Without the header the stored octets are returned.</summary>
    public bool RequiresTimeZones => Header("CalDAV-Timezones")?.Trim() is "T" or "t";

    /// <summary>True if the client sent <c>return=representation</c> (RFC 8144 §3), or the older form of it that Apple clients use.</summary>
    public bool PrefersRepresentation => Header("Prefer") is { } preference
        && (preference.Contains("return=representation", StringComparison.OrdinalIgnoreCase) || preference.Contains("return-representation", StringComparison.OrdinalIgnoreCase));

    /// <summary>True if the client wants only the members of the collection (depth-noroot, RFC 8144 §3).</summary>
    public bool WantsMembersOnly(Depth depth) =>
        depth == Depth.One && Header("Prefer")?.Contains("depth-noroot", StringComparison.OrdinalIgnoreCase) == true;

    public string? Header(string name) => Http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>The preconditions of the request.</summary>
    /// <param name="home">The account in whose home the tagged resources of an If header are; null: the account in the URL.</param>
    public Preconditions Preconditions(EmailAddress? home = null)
    {
        var (match, noneMatch, states, schedule) = (Header("If-Match"), Header("If-None-Match"), Header("If"), Header("If-Schedule-Tag-Match"));
        if (match is null && noneMatch is null && states is null && schedule is null) return Domain.Collections.Preconditions.None;
        return new Preconditions
        {
            IfMatch = ETags.Parse(match, strong: true),
            IfNoneMatch = ETags.Parse(noneMatch, strong: false),
            IfScheduleTag = schedule?.Trim().Trim('"'),
            If = IfHeader.Parse(states, home ?? Owner, Limits),
        };
    }

    /// <summary>Sends a request to the collections. A refusal is thrown as a <see cref="DavException"/> with the matching status.</summary>
    public async Task<T> AskAsync<T>(CollectionRequest request)
        where T : CollectionReply =>
        Expect<T>(await SendAsync(request));

    /// <summary>A managed attachment of the owner in the URL, if the authenticated account may read it.</summary>
    public async Task<CollectionReply.AttachmentFound> ReadAttachmentAsync(string id) =>
        Expect<CollectionReply.AttachmentFound>(await new AttachmentAccess(services.Collections, services.Directory).ReadAsync(account.Id, owner.Id, id, Cancel));

    /// <summary>Sends a request about a place that may be in the home of another account.</summary>
    public async Task<T> AskAsync<T>(DavPlace place, CollectionRequest request)
        where T : CollectionReply =>
        await services.Collections.AskAsync(place.Store, Quietly(request) with { Sharee = place.Sharee }, Cancel) switch
        {
            CollectionReply.Refused refused => throw DavErrorMapper.ToException(refused, place.Owner, place.Path),
            var reply => Expect<T>(reply),
        };

    private T Expect<T>(CollectionReply reply)
        where T : CollectionReply =>
        reply switch
        {
            T expected => expected,
            CollectionReply.Invalid invalid => throw new DavException(invalid.Status, invalid.Reason, invalid.Condition),
            CollectionReply.Refused refused => throw DavErrorMapper.ToException(refused, Owner, (Target as DavTarget.StoredResource)?.Path ?? CollectionPath.HomeOf(CollectionSpace.Calendars)),
            var other => throw new InvalidOperationException($"unexpected reply {other.GetType().Name}"),
        };

    /// <summary>A collection from the viewpoint of the authenticated account.</summary>
    public DavResource Describe(CollectionInfo collection)
    {
        var resource = DavResource.Of(collection, Owner) with { Push = OfferOf(collection), MaxContactSize = services.Limits.DavContact };
        if (Visitor is { } visitor) return resource with { Requester = account.Address, Access = collection.AccessOf(visitor) };
        return collection.Mount is { } mount ? resource with { SharedBy = mount.OwnerAddress, Access = mount.Access } : resource;
    }

    /// <summary>The target, if it is a principal or another resource that is not stored. Throws <see cref="DavException"/> (404) for others.</summary>
    public DavResource DescribeTarget()
    {
        var (href, kind) = Target switch
        {
            DavTarget.Principal => (DavUrl.PrincipalOf(Owner), DavResourceKind.Principal),
            DavTarget.Principals => (DavUrl.PrincipalsHref, DavResourceKind.Principals),
            DavTarget.EntryPoint entry => (entry.Href, DavResourceKind.EntryPoint),
            _ => throw DavException.NotFound(),
        };
        return new DavResource { Href = href, Kind = kind, Owner = Owner, Requester = Owner.Equals(account.Address) ? null : account.Address };
    }

    /// <summary>The name of the requested resource within <paramref name="collection"/>; null if the collection itself was requested.</summary>
    public string? MemberNameIn(DavResource collection) => Path.Equals(collection.Collection!.Path) ? null : Path.Name;

    /// <summary>One resource with its content; an empty list if it no longer exists.</summary>
    public async Task<IReadOnlyList<ResourceEntry>> ReadAsync(DavResource collection, string name) =>
        (await AskAsync<CollectionReply.Page>(new CollectionRequest.ReadMany(collection.Collection!.Path, [name], WithBody: true))).Resources;

    /// <summary>The current state of a shared collection in the listed home; null if it no longer exists.</summary>
    public async Task<CollectionInfo?> ResolveMountAsync(CollectionInfo mount) =>
        await AskOwnerAsync(mount, new CollectionRequest.Find(mount.Path, WithBody: false)) is CollectionReply.ItemFound found ? found.Collection : null;

    private PushCapability? OfferOf(CollectionInfo collection) => services.Vapid is { } vapid && collection.Path.Space != CollectionSpace.Files
        ? new PushCapability(vapid.PublicKey, vapid.TopicOf((collection.Mount?.Owner ?? owner.Id).Value, collection.Id))
        : null;

    private async Task<CollectionReply> SendAsync(CollectionRequest request)
    {
        request = Quietly(request);
        // Once the mount is known, reads go directly to the owner. For changes the guest's store decides whether they concern the mount or the shared collection.
        if (_mount is { } known && request is not CollectionRequest.Change && MountPathTranslator.PathOf(request) is { } path && known.Path.Contains(path)) return await AskOwnerAsync(known, request);
        var reply = await services.Collections.AskAsync(owner.Id, Visitor is null ? request : request with { Sharee = Visitor }, Cancel);
        if (reply is not CollectionReply.Mounted elsewhere) return reply;
        _mount = elsewhere.Here;
        return await AskOwnerAsync(_mount, request);
    }

    private CollectionRequest Quietly(CollectionRequest request) =>
        request is CollectionRequest.Change change && Header("Push-Dont-Notify") is { } quiet ? change with { SuppressedSubscriptions = PushDontNotify.Parse(quiet, Limits) } : request;

    private async Task<CollectionReply> AskOwnerAsync(CollectionInfo here, CollectionRequest request)
    {
        var reply = await AskOwnerOnceAsync(here, request);
        if (!IsElsewhere(here, reply) || await services.Sharing.FollowAsync(account.Id, here.Mount!, Cancel) is not { } moved || moved.Target.Equals(here.Mount!.Target)) return reply;
        here = here with { Mount = moved };
        if (_mount?.Id == here.Id) _mount = here;
        return await AskOwnerOnceAsync(here, request);
    }

    /// <summary>True if the owner may have moved the shared collection: nothing is at its path, or another collection.</summary>
    private static bool IsElsewhere(CollectionInfo here, CollectionReply reply) => reply switch
    {
        CollectionReply.Refused { Reason: CollectionRefusal.NotFound } => true,
        CollectionReply.ItemFound found => (found.Collection?.Path.Equals(here.Path) == true ? found.Collection : found.Parent) is { Mount: { } mount } there && there.Id != mount.TargetId,
        CollectionReply.Page page => page.Collection is { Mount: { } mount } there && there.Id != mount.TargetId,
        CollectionReply.Changes changes => changes.Collection is { Mount: { } mount } there && there.Id != mount.TargetId,
        _ => false,
    };

    private async Task<CollectionReply> AskOwnerOnceAsync(CollectionInfo here, CollectionRequest request)
    {
        var mount = here.Mount!;
        var relocation = new MountPathTranslator(here.Path, mount.Target);
        if (relocation.ToTarget(request) is not { } there) return new CollectionReply.Refused(CollectionRefusal.Denied);
        var reply = relocation.FromTarget(await services.Collections.AskAsync(mount.Owner, there with { Sharee = account.Id }, Cancel));
        return reply switch
        {
            CollectionReply.ItemFound found => found with { Collection = SharedCollectionView.Merge(here, found.Collection, account.Id), Parent = SharedCollectionView.Merge(here, found.Parent, account.Id) },
            CollectionReply.Page page => page with { Collection = SharedCollectionView.Merge(here, page.Collection, account.Id)! },
            CollectionReply.Changes changes => changes with { Collection = SharedCollectionView.Merge(here, changes.Collection, account.Id)! },
            _ => reply,
        };
    }

    /// <summary>Reads the body.</summary>
    /// <param name="max">The largest size.</param>
    /// <param name="tooLarge">The precondition that a larger body violates; null: 413.</param>
    /// <param name="weight">How many times its size processing needs.</param>
    public async Task<byte[]> ReadBodyAsync(int max, XName? tooLarge = null, int weight = 1)
    {
        try
        {
            return await Http.ReadBodyAsync(max, weight);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge && tooLarge is not null)
        {
            throw DavException.Forbidden(tooLarge);
        }
    }

    /// <summary>The root element of the XML body; null if there is no body.</summary>
    public async Task<XElement?> ReadXmlAsync()
    {
        var body = await ReadBodyAsync(Limits.DavXml, weight: ParsedXml);
        return body.Length == 0 ? null : DavXmlReader.Read(body, Limits);
    }
}
