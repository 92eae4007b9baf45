using System.Text;
using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Collections;

/// <summary>What the tests of collections share: services on a real disk, requests and resources.</summary>
internal static class CollectionWorld
{
    public const string EventsOf2027 =
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data><C:expand start='20270101T000000Z' end='20270201T000000Z'/></C:calendar-data></D:prop>"
        + "<C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20270101T000000Z' end='20280101T000000Z'/>"
        + "<C:prop-filter name='SUMMARY'><C:text-match>standup</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";

    public static readonly AccountId Alice = new(1);
    public static readonly CollectionPath Home = CollectionPath.HomeOf(CollectionSpace.Calendars);
    public static readonly CollectionPath Calendar = Home.Child("calendar");
    public static readonly CollectionPath Other = Home.Child("other");

    public static CollectionServices Services(TemporaryDirectory directory, TimeProvider? time = null) => new()
    {
        MaildirDirectory = directory["maildir"],
        Limits = Limits.Default,
        Time = time ?? TimeProvider.System,
        Push = null,
        Hostname = "mx.here.test",
        Directory = new Nobody(),
        Spool = new MessageSpool(new SpoolOptions { Directory = directory["spool"] }, new MessageFormat(Limits.Default), TimeProvider.System),
        Router = ActorRefs.Nobody,
        Region = ActorRefs.Nobody,
        Carrier = static (_, _, _) => Props.Empty,
        Loggers = NullLoggerFactory.Instance,
    };

    public static CollectionRequest.Search Search(CollectionPath path, string report = EventsOf2027) => new(path, 0, Encoding.UTF8.GetBytes(report));

    public static CollectionRequest.Put Put(CollectionPath calendar, string uid) =>
        new(calendar.Child(uid + ".ics"), NewResourceReader.Read(CollectionSpace.Calendars, Recurring(uid), null));

    public static CollectionRequest.MakeCollection Make(CollectionPath calendar) =>
        new(calendar, CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>());

    /// <summary>Every workday from 2026 on, without end.</summary>
    public static byte[] Recurring(string uid) => Encoding.UTF8.GetBytes($"""
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//EN
        BEGIN:VEVENT
        UID:{uid}
        DTSTAMP:20261001T000000Z
        DTSTART:20260105T090000Z
        DURATION:PT15M
        RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
        SUMMARY:Daily standup {uid}
        END:VEVENT
        END:VCALENDAR

        """.ReplaceLineEndings("\r\n"));

    public static ResourceEntry Entry(long id) => new()
    {
        Id = id,
        Name = $"{id}.ics",
        ETag = $"{id}",
        Size = 1,
        ContentType = "text/calendar",
        Component = CalendarComponents.Event,
        Created = DateTimeOffset.UnixEpoch,
        Modified = DateTimeOffset.UnixEpoch,
        ModSeq = id,
        Body = Recurring($"u{id}"),
    };

    public static CollectionInfo Info(CollectionPath path) => new()
    {
        Id = 5,
        Path = path,
        Kind = CollectionKind.Calendar,
        Components = CalendarComponents.Default,
        Created = DateTimeOffset.UnixEpoch,
        ModSeq = 1,
        Properties = new Dictionary<string, string>(),
    };

    /// <summary>A directory that knows nobody.</summary>
    private sealed class Nobody : IDirectory
    {
        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(false);

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => ValueTask.FromResult(false);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<Account?>(null);
    }
}
