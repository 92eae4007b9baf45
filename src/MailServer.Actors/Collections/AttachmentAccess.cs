using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// Decides who may read a managed attachment (RFC 8607). These are its owner; whoever the owner shares a calendar with in which an object refers to it; the
/// attendees of such an object, as long as it names them and their own copy still refers to the attachment; and whoever an attendee shares that copy with.
/// The owner's object decides, so a former attendee loses access although they know the URL.
/// </summary>
public sealed class AttachmentAccess(ICollections collections, IDirectory directory)
{
    private static readonly CollectionReply.Refused NotFound = new(CollectionRefusal.NotFound);

    /// <summary>Reads an attachment. Answers <see cref="CollectionReply.AttachmentFound"/> or a refusal, which does not show whether the attachment exists.</summary>
    public async Task<CollectionReply> ReadAsync(AccountId reader, AccountId owner, string id, CancellationToken cancel)
    {
        var read = new CollectionRequest.ReadAttachment(id);
        if (reader == owner) return await collections.AskAsync(owner, read, cancel);
        var reply = await collections.AskAsync(owner, read with { Sharee = reader }, cancel);
        if (reply is not CollectionReply.Refused { Reason: CollectionRefusal.NotFound }) return reply;
        var uses = await UsesAsync(owner, new CollectionRequest.ListAttachmentUses(id, Uid: null), cancel);
        foreach (var use in uses)
            if (await IsHeldAsync(reader, null, use, id, cancel) || await IsSharedAsync(reader, use, id, cancel)) return await collections.AskAsync(owner, read, cancel);
        return NotFound;
    }

    /// <summary>True if an account is an attendee whose copy of the meeting refers to the attachment, and the sharee, if there is one, may read that copy.</summary>
    private async Task<bool> IsHeldAsync(AccountId holder, AccountId? sharee, AttachmentUse use, string id, CancellationToken cancel) =>
        await IsAttendeeAsync(holder, use.Attendees, cancel)
        && (await UsesAsync(holder, new CollectionRequest.ListAttachmentUses(id, use.Uid) { Sharee = sharee }, cancel)).Count > 0;

    /// <summary>True if an attendee shares a calendar with their copy of the meeting.</summary>
    private async Task<bool> IsSharedAsync(AccountId reader, AttachmentUse use, string id, CancellationToken cancel)
    {
        if (await collections.AskAsync(reader, new CollectionRequest.ListMounts(), cancel) is not CollectionReply.Page mounts) return false;
        foreach (var holder in mounts.Collections.Select(static c => c.Mount!.Owner).Distinct())
            if (await IsHeldAsync(holder, reader, use, id, cancel)) return true;
        return false;
    }

    private async Task<bool> IsAttendeeAsync(AccountId account, IReadOnlyList<EmailAddress> attendees, CancellationToken cancel)
    {
        foreach (var attendee in attendees)
            if (await directory.MaySendAsAsync(account, attendee, cancel)) return true;
        return false;
    }

    private async Task<IReadOnlyList<AttachmentUse>> UsesAsync(AccountId account, CollectionRequest.ListAttachmentUses request, CancellationToken cancel) =>
        await collections.AskAsync(account, request, cancel) is CollectionReply.AttachmentUses found ? found.Uses : [];
}
