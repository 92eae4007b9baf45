using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>
/// What follows when COPY or MOVE changes the calendars and address books of the authenticated account: guests find a collection that was moved at its new
/// place, a default calendar stays the default, and a shared collection that was replaced leaves the homes of its guests.
/// </summary>
internal sealed class CollectionFollower
{
    private static readonly string DefaultCalendar = SchedulingProperties.DefaultCalendar.ToString();

    private readonly DavRequest _request;
    private readonly CollectionInfo? _moved;
    private readonly CollectionInfo? _replaced;
    private readonly CollectionPath? _target;

    private CollectionFollower(DavRequest request, CollectionInfo? moved, CollectionInfo? replaced, CollectionPath? target) => (_request, _moved, _replaced, _target) = (request, moved, replaced, target);

    /// <summary>Notes what is at both places before the transfer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="from">The source if it is moved; null if it is copied.</param>
    /// <param name="to">The destination.</param>
    public static async Task<CollectionFollower> BeginAsync(DavRequest request, DavPlace? from, DavPlace? to) => new(
        request, from is null ? null : await FindAsync(request, from), to is null ? null : await FindAsync(request, to), to?.Path);

    /// <summary>Called when the transfer is done.</summary>
    public async Task EndAsync()
    {
        var sharing = _request.Services.Sharing;
        if (_replaced is not null) await sharing.EndAsync(_request.Account.Id, _replaced, _request.Cancel);
        if (_moved is null || _target is null) return;
        await sharing.MovedAsync(_request.Account.Id, _moved, _target, _request.Cancel);
        if (_moved.Kind == CollectionKind.Calendar) await KeepDefaultAsync(_moved.Path, _target);
    }

    private async Task KeepDefaultAsync(CollectionPath from, CollectionPath to)
    {
        var inbox = CollectionPath.HomeOf(CollectionSpace.Calendars).Child(SchedulingProperties.Inbox);
        var collections = _request.Services.Collections;
        if (await collections.AskAsync(_request.Account.Id, new CollectionRequest.Find(inbox, WithBody: false), _request.Cancel) is not CollectionReply.ItemFound { Collection: { } found }) return;
        if (!found.Properties.TryGetValue(DefaultCalendar, out var property) || SchedulingProperties.ReadDefaultCalendar(property, _request.Limits)?.Path.Equals(from) != true) return;
        var named = new XElement(SchedulingProperties.DefaultCalendar, new XElement(Href, DavUrl.HrefOf(_request.Account.Address, to, isCollection: true)));
        await collections.AskAsync(_request.Account.Id, new CollectionRequest.SetProperties(inbox, [new(DefaultCalendar, named.ToString(SaveOptions.DisableFormatting))]), _request.Cancel);
    }

    /// <summary>The calendar or address book of the authenticated account at a place; null if there is none.</summary>
    private static async Task<CollectionInfo?> FindAsync(DavRequest request, DavPlace place)
    {
        if (place.Sharee is not null || place.Path.Names.Length != 1) return null;
        return await request.Services.Collections.AskAsync(place.Store, new CollectionRequest.Find(place.Path, WithBody: false), request.Cancel) is CollectionReply.ItemFound found ? found.Collection : null;
    }
}
