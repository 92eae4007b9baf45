using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using MailServer.Actors.Collections;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Web.Dav;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Admin;

/// <summary>Administrative operations on the calendars and address books of an account. They are the same in the running server and in offline commands.</summary>
public sealed class DavAdministration(ICollections collections, TimeProvider time)
{
    private static readonly CollectionSpace[] Spaces = [CollectionSpace.Calendars, CollectionSpace.AddressBooks];

    public async Task<IReadOnlyList<CollectionDocument>> ListAsync(Account account, CancellationToken cancel)
    {
        var documents = new List<CollectionDocument>();
        foreach (var space in Spaces)
        {
            var home = await AskAsync<CollectionReply.Page>(account, new CollectionRequest.List(CollectionPath.HomeOf(space), 0, WithProperties: false), cancel);
            foreach (var collection in home.Collections.Where(IsShown)) documents.Add(await DescribeAsync(account, collection, cancel));
        }

        return documents;
    }

    /// <summary>Writes all calendar objects as one VCALENDAR, or all vCards in sequence. Pages are written as they are read.</summary>
    public async Task ExportAsync(Account account, string name, Stream output, CancellationToken cancel)
    {
        var collection = await FindAsync(account, name, cancel);
        var buffer = new ArrayBufferWriter<byte>();
        var calendar = collection.Kind == CollectionKind.Calendar ? new CalendarExport(buffer, TitleOf(collection)) : null;
        for (long? after = 0; after is { } from;)
        {
            var page = await AskAsync<CollectionReply.Page>(account, new CollectionRequest.Query(collection.Path, from, QueryPlan.Everything), cancel);
            foreach (var entry in page.Resources)
            {
                if (calendar is null) buffer.Write(entry.Body.Span);
                else if (CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var parsed, out _)) calendar.Add(parsed);
            }

            after = page.Next;
            if (after is null) calendar?.End();
            await output.WriteAsync(buffer.WrittenMemory, cancel);
            buffer.ResetWrittenCount();
        }
    }

    /// <summary>Imports calendar objects or contacts. Entries with an existing UID replace the stored ones.</summary>
    public async Task<DavImportDocument> ImportAsync(Account account, string name, IEnumerable<ImportEntry> entries, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var collection = await FindAsync(account, name, cancel);
        var (stored, duplicates, refused) = (0, 0, new List<string>());
        foreach (var entry in entries)
        {
            if (await RefuseAsync(account, collection, entry, cancel) is { } reason) refused.Add($"{entry.Label}: {reason}");
            else if (entry.IsDuplicate) duplicates++;
            else stored++;
        }

        return new DavImportDocument(stored + duplicates + refused.Count, stored, duplicates, refused);
    }

    /// <summary>Stores an entry if it has content; returns the reason if it cannot be stored.</summary>
    private async Task<string?> RefuseAsync(Account account, CollectionInfo collection, ImportEntry entry, CancellationToken cancel)
    {
        if (entry.Fault is not null) return entry.Fault;
        if (entry.Space != collection.Path.Space) return entry.Space == CollectionSpace.Calendars ? "an address book cannot store it" : "a calendar cannot store it";
        if (entry.Text.IsEmpty) return null;
        try
        {
            await StoreAsync(account, collection, entry.Text, cancel);
            return null;
        }
        catch (DavException e) when (e.Condition == CalDav + "valid-managed-id-parameter" && Detach(entry.Text) is { } detached)
        {
            // Attachments of another server stay what they are for this one: URLs.
            return await RefuseAsync(account, collection, entry with { Text = detached }, cancel);
        }
        catch (DavException e)
        {
            return e.Message;
        }
    }

    /// <summary>Grants access to another account; <see cref="CollectionAccess.None"/> revokes it. Returns false if the guest had this access already.</summary>
    /// <exception cref="DavException">The guest has no access that could be revoked.</exception>
    public async Task<bool> ShareAsync(Account owner, string name, Account guest, CollectionAccess access, CancellationToken cancel)
    {
        var collection = await FindAsync(owner, name, cancel);
        if (guest.Id == owner.Id) throw new DavException(400, "a collection cannot be shared with its owner");
        var before = collection.Grants.FirstOrDefault(g => g.Account == guest.Id);
        if (access == CollectionAccess.None && before is null) throw new DavException(404, $"'{name}' is not shared with {guest.Address}");
        CollectionGrant[] granted = access == CollectionAccess.None ? [] : [new CollectionGrant(guest.Id, guest.Address, access, Declined: false, Summary: "")];
        AccountId[] revoked = access == CollectionAccess.None ? [guest.Id] : [];
        Check(await new CollectionSharing(collections, time).ShareAsync(owner, collection.Path, granted, revoked, cancel), owner, collection.Path);
        return before is null or { Declined: true } || before.Access != access;
    }

    public async Task<SecretLinkDocument> LinkAsync(Account owner, string name, CancellationToken cancel)
    {
        var collection = await FindAsync(owner, name, cancel);
        if (collection.Kind != CollectionKind.Calendar) throw new DavException(400, "only calendars can have secret links");
        var reply = Check(await new CollectionSharing(collections, time).LinkAsync(owner.Id, collection.Path, cancel), owner, collection.Path);
        return new SecretLinkDocument(SharingProperties.SecretLinkOf(((CollectionReply.Links)reply).Active[^1].Secret));
    }

    /// <summary>Deletes all secret links of a calendar.</summary>
    /// <exception cref="DavException">It has none.</exception>
    public async Task UnlinkAsync(Account owner, string name, CancellationToken cancel)
    {
        var collection = await FindAsync(owner, name, cancel);
        if (collection.LinkSecrets.Count == 0) throw new DavException(404, $"'{name}' has no secret link");
        await AskAsync<CollectionReply.Done>(owner, new CollectionRequest.RemoveLinks(collection.Path), cancel);
    }

    private static byte[]? Detach(ReadOnlyMemory<byte> text) =>
        CalendarObject.TryParse(text, CalendarLimits.Default, out var calendar, out _) ? ManagedAttachments.Detach(calendar) : null;

    private async Task StoreAsync(Account account, CollectionInfo collection, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var resource = NewResourceReader.ReadUpload(collection.Path.Space, body, contentType: null);
        var extension = collection.Kind == CollectionKind.Calendar ? ".ics" : ".vcf";
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(resource.Uid!)).AsSpan(0, 16)) + extension;
        var reply = await collections.AskAsync(account.Id, new CollectionRequest.Put(collection.Path.Child(name), resource), cancel);
        if (reply is CollectionReply.Refused { Reason: CollectionRefusal.UidConflict, Path: { } taken })
            reply = await collections.AskAsync(account.Id, new CollectionRequest.Put(taken, resource), cancel);
        Check(reply, account, collection.Path);
    }

    private async Task<CollectionDocument> DescribeAsync(Account account, CollectionInfo collection, CancellationToken cancel)
    {
        var kind = collection.Path.Space == CollectionSpace.Calendars ? "calendar" : "addressbook";
        if (collection.Mount is { } mount) return new CollectionDocument(collection.Path.Name, kind, TitleOf(collection) ?? mount.Target.Name, 0, 0, [], mount.OwnerAddress.ToString(), []);
        var (items, octets) = (0L, 0L);
        for (long? after = 0; after is { } from;)
        {
            var page = await AskAsync<CollectionReply.Page>(account, new CollectionRequest.List(collection.Path, from, WithProperties: false), cancel);
            items += page.Resources.Count;
            octets += page.Resources.Sum(entry => entry.Size);
            after = page.Next;
        }

        var guests = collection.Grants.Where(grant => !grant.Declined).Select(grant => $"{grant.Address} ({(grant.Access == CollectionAccess.ReadWrite ? "read-write" : "read")})");
        return new CollectionDocument(
            collection.Path.Name, kind, TitleOf(collection) ?? collection.Path.Name, items, octets, [.. guests], "", [.. collection.LinkSecrets.Select(SharingProperties.SecretLinkOf)]);
    }

    /// <summary>Finds a collection by <c>NAME</c>, <c>calendars/NAME</c> or <c>addressbooks/NAME</c>.</summary>
    private async Task<CollectionInfo> FindAsync(Account account, string name, CancellationToken cancel)
    {
        foreach (var space in Spaces)
        {
            var prefix = space == CollectionSpace.Calendars ? "calendars/" : "addressbooks/";
            if (name.Contains('/', StringComparison.Ordinal) && !name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var bare = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..].TrimEnd('/') : name;
            if (bare.Length == 0 || bare.Contains('/', StringComparison.Ordinal)) continue;
            var reply = await collections.AskAsync(account.Id, new CollectionRequest.Find(CollectionPath.HomeOf(space).Child(bare), WithBody: false), cancel);
            if (reply is CollectionReply.ItemFound { Collection: { } found } && IsShown(found)) return found;
            if (reply is CollectionReply.Mounted elsewhere)
                throw new DavException(400, $"'{name}' belongs to {elsewhere.Here.Mount!.OwnerAddress}: use that account and the name '{elsewhere.Here.Mount.Target.Name}'");
            if (reply is CollectionReply.Refused { Reason: CollectionRefusal.Unavailable }) Check(reply, account, CollectionPath.HomeOf(space));
        }

        throw new DavException(404, $"{account.Address} has no calendar or address book '{name}'");
    }

    /// <summary>True for calendars and address books; false for the scheduling inbox and outbox, which belong to programs.</summary>
    private static bool IsShown(CollectionInfo collection) => collection.Kind is CollectionKind.Calendar or CollectionKind.AddressBook or CollectionKind.Mount;

    private static string? TitleOf(CollectionInfo collection) =>
        collection.Properties.TryGetValue(DisplayName.ToString(), out var title) ? XElement.Parse(title).Value : null;

    private async Task<T> AskAsync<T>(Account account, CollectionRequest request, CancellationToken cancel)
        where T : CollectionReply =>
        (T)Check(await collections.AskAsync(account.Id, request, cancel), account, CollectionPath.HomeOf(CollectionSpace.Calendars));

    private static CollectionReply Check(CollectionReply reply, Account account, CollectionPath path) =>
        reply is CollectionReply.Refused refused ? throw DavErrorMapper.ToException(refused, account.Address, path) : reply;
}
