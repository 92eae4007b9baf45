using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Xml;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>
/// COPY and MOVE between the stores of two accounts, one of which shares a collection with the other. An object is stored at the destination like a PUT, and
/// then removed from the source: an interruption leaves it in both places, never in none.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="from">The source.</param>
/// <param name="to">The destination; null if the account has no access there.</param>
internal sealed class SharedTransfer(DavRequest request, DavPlace from, DavPlace? to)
{
    /// <summary>Transfers the source; returns what is at the destination, or null if the response was sent.</summary>
    public async Task<CollectionReply.Stored?> RunAsync(CollectionRequest.Transfer transfer)
    {
        var found = await request.AskAsync<CollectionReply.ItemFound>(from, new CollectionRequest.Find(from.Path, WithBody: true));
        if (to is null) throw DavException.Denied();
        if (from.Path.Space != to.Path.Space) throw DavErrorMapper.ToException(new CollectionReply.Refused(CollectionRefusal.WrongPlace), to.Owner, to.Path);
        if (found.Resource is { } entry) return await TransferAsync(transfer, entry, found.Parent!, to);
        // A collection stays where it is shared; its owner can only move it in their own home.
        return transfer.Move ? throw DavException.Denied() : await CopyAsync(transfer, found.Collection!, to);
    }

    private async Task<CollectionReply.Stored> TransferAsync(CollectionRequest.Transfer transfer, ResourceEntry entry, CollectionInfo parent, DavPlace target)
    {
        var conditions = from.Conditions;
        var holds = conditions.IfMatch?.Matches(entry.ETag) != false && conditions.IfNoneMatch?.Matches(entry.ETag) != true && (conditions.IfScheduleTag is not { } tag || tag == entry.ScheduleTag);
        if (!holds) throw new DavException(412, "a precondition failed");
        if (parent.Kind is not (CollectionKind.Calendar or CollectionKind.AddressBook)) throw DavErrorMapper.ToException(new CollectionReply.Refused(CollectionRefusal.WrongPlace), target.Owner, target.Path);
        if (transfer.Move) await RequireMovableAsync(entry, parent);
        var stored = await StoreAsync(entry, target, transfer.Overwrite);
        await CopyPropertiesAsync(target);
        if (transfer.Move) await RemoveAsync(entry, target, stored.Created);
        return stored;
    }

    /// <summary>The source must be writable, and no meeting: if its object left the organizer's or the attendee's calendars, the others would be told that it is off.</summary>
    private async Task RequireMovableAsync(ResourceEntry entry, CollectionInfo parent)
    {
        if (parent.IsGenerated || (from.Sharee is { } sharee && parent.AccessOf(sharee) != CollectionAccess.ReadWrite)) throw DavException.Denied();
        if (entry.ScheduleTag is null || SchedulingObject.Parse(entry.Body) is not { } meeting) return;
        var isOrganizer = await request.Services.Directory.MaySendAsAsync(from.Store, meeting.Organizer, request.Cancel);
        throw new DavException(403, "a meeting cannot be moved to the calendars of another user", CalDav + (isOrganizer ? "allowed-organizer-scheduling-object-change" : "allowed-attendee-scheduling-object-change"));
    }

    private Task<CollectionReply.Stored> StoreAsync(ResourceEntry entry, DavPlace place, bool overwrite)
    {
        // Lists of an If header about other resources do not concern the destination.
        var conditions = new Preconditions
        {
            IfNoneMatch = overwrite ? null : new ETagList(Any: true, []),
            If = ListsAbout(place),
        };
        return AskTargetAsync<CollectionReply.Stored>(place, new CollectionRequest.Upload(place.Path, entry.Body, entry.ContentType) { Conditions = conditions });
    }

    private async Task CopyPropertiesAsync(DavPlace target)
    {
        var described = await request.AskAsync<CollectionReply.ItemFound>(from, new CollectionRequest.Find(from.Path, WithBody: false));
        if (described.Resource?.Properties is not { Count: > 0 } properties) return;
        await request.AskAsync<CollectionReply.Done>(target, new CollectionRequest.SetProperties(target.Path, [.. properties.Select(static p => KeyValuePair.Create(p.Key, (string?)p.Value))])
        {
            Conditions = new Preconditions { If = ListsAbout(target) },
        });
    }

    /// <summary>Removes the source unless it has changed; if that fails, the destination that was created is removed again.</summary>
    private async Task RemoveAsync(ResourceEntry entry, DavPlace target, bool isCreated)
    {
        try
        {
            var lists = from.Conditions.If.Where(list => !list.IsForeign && list.Resource?.Contains(from.Path) != false);
            var conditions = from.Conditions with { IfMatch = new ETagList(Any: false, [entry.ETag]), If = [.. lists] };
            await request.AskAsync<CollectionReply.Done>(from, new CollectionRequest.Delete(from.Path) { Conditions = conditions });
        }
        catch (DavException) when (isCreated)
        {
            await request.AskAsync<CollectionReply.Done>(target, new CollectionRequest.Delete(target.Path));
            throw;
        }
    }

    /// <summary>Copies a calendar or address book with its members. Members that cannot be copied are named in a multistatus (RFC 4918 §9.8.3).</summary>
    private async Task<CollectionReply.Stored?> CopyAsync(CollectionRequest.Transfer transfer, CollectionInfo source, DavPlace target)
    {
        if (source.Kind is not (CollectionKind.Calendar or CollectionKind.AddressBook)) throw DavErrorMapper.ToException(new CollectionReply.Refused(CollectionRefusal.WrongPlace), target.Owner, target.Path);
        var isNew = await MakeAsync(transfer, source, target);
        var refused = new List<(CollectionPath Path, DavException Fault)>();
        for (long? after = transfer.Deep ? 0 : null; after is { } start;)
        {
            var page = await request.AskAsync<CollectionReply.Page>(from, new CollectionRequest.Query(from.Path, start, QueryPlan.Everything));
            foreach (var entry in page.Resources)
            {
                var member = target with { Path = target.Path.Child(entry.Name) };
                try
                {
                    await StoreAsync(entry, member, overwrite: true);
                }
                catch (DavException fault) when (fault.Status != 503)
                {
                    refused.Add((member.Path, fault));
                }
            }

            after = page.Next;
        }

        if (refused.Count == 0) return new CollectionReply.Stored("", isNew);
        using var answer = DavResponse.Multistatus(request.Http);
        foreach (var (path, fault) in refused) Multistatus.Status(answer.Output, DavUrl.HrefOf(target.Owner, path, isCollection: false), fault.Status, "Not copied");
        await answer.EndAsync();
        return null;
    }

    private async Task<bool> MakeAsync(CollectionRequest.Transfer transfer, CollectionInfo source, DavPlace target)
    {
        var exists = await ExistsAsync(target);
        if (exists && !transfer.Overwrite) throw new DavException(412, "the destination exists and must not be overwritten");
        var conditions = new Preconditions { If = ListsAbout(target) };
        if (exists) await AskTargetAsync<CollectionReply.Done>(target, new CollectionRequest.Delete(target.Path) { Conditions = conditions });
        await AskTargetAsync<CollectionReply.Done>(target, new CollectionRequest.MakeCollection(target.Path, source.Kind, source.Components, source.Properties) { Conditions = conditions });
        return !exists;
    }

    private async Task<bool> ExistsAsync(DavPlace target)
    {
        try
        {
            await request.AskAsync<CollectionReply.ItemFound>(target, new CollectionRequest.Find(target.Path, WithBody: false));
            return true;
        }
        catch (DavException none) when (none.Status == 404)
        {
            return false;
        }
    }

    /// <summary>The lists of an If header about the destination.</summary>
    private static IReadOnlyList<IfConditionList> ListsAbout(DavPlace place) => [.. place.Conditions.If.Where(list => list is { IsForeign: false, Resource: { } path } && path.Contains(place.Path))];

    /// <summary>A destination that the account may not see is refused, as if it might not write there: 404 would be about the source.</summary>
    private async Task<T> AskTargetAsync<T>(DavPlace place, CollectionRequest.Change change)
        where T : CollectionReply
    {
        try
        {
            return await request.AskAsync<T>(place, change);
        }
        catch (DavException hidden) when (hidden.Status == 404)
        {
            throw DavException.Denied();
        }
    }
}
