using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// Applies scheduling messages from other users to an account's calendars (RFC 6638 §4): an invitation goes into the calendar, and a copy into the inbox.
/// Idempotent. It sends no invitations or replies, so two servers cannot loop; the exception is a REFRESH by an attendee, which is answered with the
/// current object.
/// </summary>
internal sealed class IncomingScheduling(CalendarUser user, Limits limits, TimeProvider time)
{
    private const int LongestName = 200;

    /// <summary>Returns the delivery status for the sender; nothing is committed yet.</summary>
    /// <param name="store">The account's store.</param>
    /// <param name="sender">The verified sender.</param>
    /// <param name="body">The message.</param>
    /// <param name="key">Identifies the message, so that a duplicate is recognised.</param>
    public string Receive(CollectionStore store, EmailAddress sender, ReadOnlyMemory<byte> body, string key)
    {
        if (!ReceivedItipMessage.TryParse(body, out var message) || !message.FollowsRules) return ScheduleStatus.NoService;
        var path = store.Scheduling.Find(message.Calendar.Uid);
        var entry = path is null ? null : store.Scheduling.Read(path);
        var stored = entry is null ? null : SchedulingObject.Parse(entry.Body);
        // An existing object that cannot be parsed must not be replaced.
        if (entry is not null && stored is null) return ScheduleStatus.NoService;
        var known = entry is null ? null : store.Scheduling.RevisionOf(entry);
        switch (ItipProcessor.Apply(message, sender, stored, known, user.Is))
        {
            case ItipOutcome.Changed changed:
                return Store(store, message, changed.Text, path, entry, stored) ? Deposit(store, body, key) : ScheduleStatus.NoService;
            case ItipOutcome.RefreshRequested asked when OrganizerChangePlanner.Refresh(stored!, asked.Attendee, time.GetUtcNow()) is { } again && store.Scheduling.PendingCount < limits.SchedulingMessages:
                store.Scheduling.Enqueue(again.ToStored(time.GetUtcNow()));
                return ScheduleStatus.Delivered;
            case ItipOutcome.Ignored { IsRefusal: true }:
                return ScheduleStatus.NoAuthority;
            default:
                return ScheduleStatus.Delivered;
        }
    }

    /// <summary>Replies do not change the organizer's schedule tag, nor the answers of others the attendee's; every other update does (RFC 6638 §3.2.10).</summary>
    private bool Store(CollectionStore store, ReceivedItipMessage message, byte[] text, CollectionPath? path, ResourceEntry? entry, SchedulingObject? stored)
    {
        var answered = message.Method is ItipMethod.Reply ? entry : null;
        if (Readable(text) is not { } resource) return false;
        var isAnswer = stored is not null && CalendarObject.TryParse(text, CalendarLimits.Default, out var updated, out _) && AnswerUpdate.Is(stored.Calendar, updated);
        resource = resource with { ScheduleTag = (isAnswer ? entry : answered)?.ScheduleTag ?? resource.ETag, Revision = answered is null ? message.Revision : null };
        path ??= store.Scheduling.CalendarFor(resource.Component, Wanted(store))?.Child(NameOf(message.Calendar.Uid));
        var onlyNew = entry is null ? new Preconditions { IfNoneMatch = new ETagList(Any: true, []) } : Preconditions.None;
        return path is not null && store.Change(new CollectionRequest.Put(path, AttachmentRules.Keep(store, path, resource)) { Conditions = onlyNew }) is CollectionReply.Stored;
    }

    /// <summary>Null for an object that exceeds the limits of a calendar, which a client could not store either.</summary>
    private static NewResource? Readable(byte[] text)
    {
        try
        {
            return NewResourceReader.Read(CollectionSpace.Calendars, text, null);
        }
        catch (DavException)
        {
            return null;
        }
    }

    private static string Deposit(CollectionStore store, ReadOnlyMemory<byte> body, string key)
    {
        store.Scheduling.Deposit(key + ".ics", new NewResource
        {
            Body = body,
            ETag = Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 16)),
            ContentType = "text/calendar; charset=utf-8",
            Component = CalendarComponentNames.Parse("VEVENT"),
        });
        return ScheduleStatus.Delivered;
    }

    private CollectionPath? Wanted(CollectionStore store) =>
        store.Scheduling.Collection(SchedulingStore.Inbox)?.Properties.GetValueOrDefault(SchedulingProperties.DefaultCalendar.ToString()) is { } property
            ? SchedulingProperties.ReadDefaultCalendar(property, limits)?.Path
            : null;

    /// <summary>Uses the name that most clients would choose, so that their copy of an invitation matches ours; a digest if the UID is not usable in a URL.</summary>
    private static string NameOf(string uid)
    {
        var isPlain = uid.Length is > 0 and <= LongestName && uid[0] != '.' && uid.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');
        return (isPlain ? uid : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)).AsSpan(0, 16))) + ".ics";
    }
}
