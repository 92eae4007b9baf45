using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Push;
using MailServer.Protocol.Dav.Xml;
using MailServer.Web.Dav.Sharing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Web.Dav;

/// <summary>One request of an account: what it is about, its headers and body as values, and the way to the collections.</summary>
internal sealed class DavRequest(HttpContext http, DavServices services, Account account, DavTarget target, Account owner)
{
    private CollectionInfo? _mount;

    public HttpContext Http { get; } = http;

    public Limits Limits => services.Limits;

    public DateTimeOffset Now => services.Time.GetUtcNow();

    public DavServices Services => services;

    /// <summary>Who asks.</summary>
    public Account Account => account;

    /// <summary>Whose URLs these are.</summary>
    public EmailAddress Owner => owner.Address;

    public AccountId OwnerId => owner.Id;

    /// <summary>Whose the collection is that was asked last: that of the URL, unless it is shared by another.</summary>
    public EmailAddress CollectionOwner => _mount?.Mount?.OwnerAddress ?? Owner;

    /// <summary>Null when the account asks about its own.</summary>
    private AccountId? Visitor => owner.Id == account.Id ? null : account.Id;

    public DavTarget Target { get; } = target;

    public string Method => Http.Request.Method;

    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>The path in one of the account's spaces; what is outside of them cannot be changed.</summary>
    public CollectionPath Path => Target is DavTarget.Member member ? member.Path : throw DavException.MethodNotAllowed("nothing is stored at this URL");

    /// <summary>The URL ends in a slash, as those of collections do.</summary>
    public bool HasSlash => Target is DavTarget.Member { HasSlash: true };

    /// <summary>RFC 7240: <c>return=minimal</c>.</summary>
    public bool PrefersMinimal => Header("Prefer")?.Contains("return=minimal", StringComparison.OrdinalIgnoreCase) == true
        || Header("Brief")?.Trim().Equals("t", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>RFC 7809 §4.1: the client knows time zones by their names.</summary>
    public bool KnowsTimeZones => Header("CalDAV-Timezones")?.Trim() is "F" or "f";

    /// <summary>RFC 7809 §4.1: the client needs the definition of each zone. One that does not say gets what was stored, octet by octet.</summary>
    public bool NeedsTimeZones => Header("CalDAV-Timezones")?.Trim() is "T" or "t";

    /// <summary>RFC 8144 §3: <c>return=representation</c>.</summary>
    public bool PrefersRepresentation => Header("Prefer")?.Contains("return=representation", StringComparison.OrdinalIgnoreCase) == true;

    public string? Header(string name) => Http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public Preconditions Preconditions()
    {
        var (match, noneMatch, states, schedule) = (Header("If-Match"), Header("If-None-Match"), Header("If"), Header("If-Schedule-Tag-Match"));
        if (match is null && noneMatch is null && states is null && schedule is null) return Domain.Collections.Preconditions.None;
        return new Preconditions
        {
            IfMatch = ETags.Parse(match, strong: true),
            IfNoneMatch = ETags.Parse(noneMatch, strong: false),
            IfScheduleTag = schedule?.Trim().Trim('"'),
            If = IfHeader.Parse(states, Owner, Limits),
        };
    }

    /// <summary>Asks the collections; a refusal is thrown as what HTTP calls it.</summary>
    public async Task<T> AskAsync<T>(CollectionRequest request)
        where T : CollectionReply =>
        await SendAsync(request) switch
        {
            T expected => expected,
            CollectionReply.Refused refused => throw Refusals.ToException(refused, Owner, (Target as DavTarget.Member)?.Path ?? CollectionPath.HomeOf(CollectionSpace.Calendars)),
            var other => throw new InvalidOperationException($"{request.GetType().Name} was answered with {other.GetType().Name}"),
        };

    /// <summary>A collection as the account that asks sees it.</summary>
    public DavResource Describe(CollectionInfo collection)
    {
        var resource = DavResource.Of(collection, Owner) with { Push = OfferOf(collection) };
        if (Visitor is { } visitor) return resource with { Asker = account.Address, Access = collection.AccessOf(visitor) };
        return collection.Mount is { } mount ? resource with { SharedBy = mount.OwnerAddress, Access = mount.Access } : resource;
    }

    /// <summary>The name of the resource that was asked; null when it was its collection.</summary>
    public string? MemberOf(DavResource collection) => Path.Equals(collection.Collection!.Path) ? null : Path.Name;

    /// <summary>One resource with its content; none when it has gone.</summary>
    public async Task<IReadOnlyList<ResourceEntry>> ReadAsync(DavResource collection, string name) =>
        (await AskAsync<CollectionReply.Page>(new CollectionRequest.ReadMany(collection.Collection!.Path, [name], WithBody: true))).Resources;

    /// <summary>A collection of another account that stands in the home that is being listed, as it is now; null when it is there no longer.</summary>
    public async Task<CollectionInfo?> OpenAsync(CollectionInfo mount) =>
        await AskOwnerAsync(mount, new CollectionRequest.Find(mount.Path, WithBody: false)) is CollectionReply.Found found ? found.Collection : null;

    private PushOffer? OfferOf(CollectionInfo collection) => services.Vapid is { } vapid && collection.Path.Space != CollectionSpace.Files
        ? new PushOffer(vapid.PublicKey, vapid.TopicOf((collection.Mount?.Owner ?? owner.Id).Value, collection.Id))
        : null;

    private async Task<CollectionReply> SendAsync(CollectionRequest request)
    {
        if (request is CollectionRequest.Change change && Header("Push-Dont-Notify") is { } quiet) request = change with { Unheard = PushDontNotify.Parse(quiet, Limits) };
        if (_mount is { } known && Relocation.PathOf(request) is { } path && known.Path.Contains(path) && !IsOfGuest(known, path, request)) return await AskOwnerAsync(known, request);
        var reply = await services.Collections.AskAsync(owner.Id, Visitor is null ? request : request with { Visitor = Visitor }, Cancel);
        if (reply is not CollectionReply.Elsewhere elsewhere) return reply;
        _mount = elsewhere.Here;
        return await AskOwnerAsync(_mount, request);
    }

    /// <summary>What a shared collection is called here, and whether it stands here, is the guest's affair.</summary>
    private static bool IsOfGuest(CollectionInfo mount, CollectionPath path, CollectionRequest request) =>
        mount.Path.Equals(path) && request is CollectionRequest.SetProperties or CollectionRequest.Delete or CollectionRequest.MakeCollection;

    private async Task<CollectionReply> AskOwnerAsync(CollectionInfo here, CollectionRequest request)
    {
        var mount = here.Mount!;
        var relocation = new Relocation(here.Path, mount.Target);
        if (relocation.There(request) is not { } there) return new CollectionReply.Refused(CollectionRefusal.Denied);
        var reply = relocation.Here(await services.Collections.AskAsync(mount.Owner, there with { Visitor = account.Id }, Cancel));
        return reply switch
        {
            CollectionReply.Found found => found with { Collection = SharedCollection.Merge(here, found.Collection, account.Id), Parent = SharedCollection.Merge(here, found.Parent, account.Id) },
            CollectionReply.Page page => page with { Collection = SharedCollection.Merge(here, page.Collection, account.Id)! },
            CollectionReply.Changes changes => changes with { Collection = SharedCollection.Merge(here, changes.Collection, account.Id)! },
            _ => reply,
        };
    }

    public async Task<byte[]> ReadBodyAsync(int max)
    {
        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = max;
        var length = Http.Request.ContentLength;
        if (length > max) throw new DavException(413, "the body is too large");
        if (length is { } known)
        {
            var body = new byte[known];
            await Http.Request.Body.ReadExactlyAsync(body, Cancel);
            return body;
        }

        using var buffer = new MemoryStream();
        await Http.Request.Body.CopyToAsync(buffer, Cancel);
        return buffer.ToArray();
    }

    /// <summary>The root of the XML body; null when there is no body.</summary>
    public async Task<XElement?> ReadXmlAsync()
    {
        var body = await ReadBodyAsync(Limits.DavXml);
        return body.Length == 0 ? null : DavXmlReader.Read(body, Limits);
    }
}
