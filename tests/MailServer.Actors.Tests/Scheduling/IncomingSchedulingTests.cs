using System.Text;
using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Tests.Scheduling;

/// <summary>Messages of strangers against the stored calendars of an account.</summary>
public sealed class IncomingSchedulingTests : IDisposable
{
    // Spelled out: names of tests are shorter.
    private const string Huge = "(thirty million letters)";
    private const string Crowd = "(twelve hundred attendees)";
    private const string Start = "DTSTART:20261201T100000Z";

    private static readonly EmailAddress Me = EmailAddress.Parse("gina@here.test");
    private static readonly EmailAddress Mallory = EmailAddress.Parse("mallory@far.test");
    private static readonly CollectionPath Calendar = CollectionPath.HomeOf(CollectionSpace.Calendars).Child("calendar");

    private readonly TemporaryDirectory _folder = new();
    private readonly CollectionStore _store;
    private readonly IncomingScheduling _incoming;
    private int _keys;

    public IncomingSchedulingTests()
    {
        _store = CollectionStore.Open(new CollectionStoreOptions { Directory = _folder.Path, Limits = Limits.Default }, TimeProvider.System);
        _incoming = new IncomingScheduling(new CalendarUser(new AccountId(1), new SingleUserDirectory()), Limits.Default, TimeProvider.System);
    }

    /// <summary>Invitations that each exceed a different limit.</summary>
    public static TheoryData<string> OutOfBounds => new(
        "DTSTART:23000101T100000Z",
        "DTSTART:15000101T100000Z",
        "DTSTART:99991231T100000Z",
        Start + "\nRRULE:FREQ=DAILY;COUNT=20000",
        Start + "\nRRULE:FREQ=DAILY;COUNT=2147483647",
        Start + "\n" + Crowd,
        Start + "\nDESCRIPTION:" + Huge,
        Start + "\nDTEND:not a time",
        Start + "\nRRULE:FREQ=NEVER");

    [Fact]
    public void An_invitation_is_stored_in_the_calendar()
    {
        Assert.Equal(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, Invitation(Start)));
        Assert.NotNull(_store.Scheduling.Find("one"));
    }

    /// <summary>RFC 6638 §3.2.10: an attendee's schedule tag stays if an update only tells how others answered.</summary>
    [Theory]
    [InlineData("PARTSTAT=NEEDS-ACTION:mailto:other", "PARTSTAT=ACCEPTED:mailto:other", true)]
    [InlineData("DTSTART:20261201T100000Z", "DTSTART:20261202T100000Z", false)]
    public void The_answers_of_others_do_not_change_the_schedule_tag(string was, string becomes, bool stays)
    {
        var invitation = Invitation(Start + "\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:other@far.test");
        Assert.Equal(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, invitation));
        var before = _store.Scheduling.Read(_store.Scheduling.Find("one")!)!;
        Assert.Equal(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, invitation.Replace("DTSTAMP:20261001", "DTSTAMP:20261002", StringComparison.Ordinal).Replace(was, becomes, StringComparison.Ordinal)));
        var after = _store.Scheduling.Read(_store.Scheduling.Find("one")!)!;
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal(stays, before.ScheduleTag == after.ScheduleTag);
    }

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public void An_invitation_beyond_a_limit_is_refused_and_the_next_one_is_stored(string lines)
    {
        Assert.NotEqual(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, Invitation(Expanded(lines))));
        Assert.Null(_store.Scheduling.Find("one"));
        Assert.Equal(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, Invitation(Start)));
    }

    [Theory]
    [InlineData("DTSTART:20261201T100000Z\nDTEND:20261201T095959Z", false)]
    [InlineData("DTSTART:20261201T100000Z\nDTEND:20261201T100000Z", true)]
    [InlineData("DTSTART:20261201T100000Z\nDTEND:20261201T100001Z", true)]
    [InlineData("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261201", false)]
    [InlineData("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261202", true)]
    [InlineData("DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T090000", false)]
    [InlineData("DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=America/New_York:20261201T090000", true)]
    [InlineData("DTSTART:20261201T100000\nDTEND:20261201T090000", false)]
    [InlineData(Start + "\nRRULE:FREQ=DAILY;COUNT=3;RSCALE=HEBREW", false)]
    [InlineData("SUMMARY:without a start", false)]
    [InlineData(Start + "\nDURATION:PT1H", true)]
    public void An_invitation_is_stored_exactly_if_a_client_could_store_it(string lines, bool isValid)
    {
        // The same rules: RFC 5545 §3.8.2.2 requires an end after the start; clients write equal ones.
        Assert.Equal(isValid, Xunit.Record.Exception(() => NewResourceReader.ReadUpload(CollectionSpace.Calendars, Text("", Invitation(lines)), null)) is null);
        Assert.Equal(isValid ? ScheduleStatus.Delivered : ScheduleStatus.NoService, Receive("REQUEST", Mallory, Invitation(lines)));
        Assert.Equal(isValid, _store.Scheduling.Find("one") is not null);
    }

    [Fact]
    public void An_update_or_addition_that_ends_before_it_starts_changes_nothing()
    {
        Receive("REQUEST", Mallory, Invitation(Start + "\nRRULE:FREQ=DAILY;COUNT=3"));
        var before = Encoding.UTF8.GetString(_store.Scheduling.Read(_store.Scheduling.Find("one")!)!.Body.Span);
        foreach (var method in new[] { "REQUEST", "ADD" })
            Assert.Equal(ScheduleStatus.NoService, Receive(method, Mallory, Invitation("SEQUENCE:5\nDTSTART:20261205T100000Z\nDTEND:20261205T090000Z")));
        Assert.Equal(before, Encoding.UTF8.GetString(_store.Scheduling.Read(_store.Scheduling.Find("one")!)!.Body.Span));
        // A cancellation needs no times.
        Assert.Equal(ScheduleStatus.Delivered, Receive("CANCEL", Mallory, Invitation("SEQUENCE:6")));
    }

    [Fact]
    public void A_false_delegate_is_refused_and_gets_nothing()
    {
        Store("mine.ics", Event("ORGANIZER:mailto:gina@here.test\nATTENDEE:mailto:bob@far.test\nSUMMARY:Secret\n" + Start), scheduled: true);
        var before = Body("mine.ics");
        Assert.Equal(ScheduleStatus.NoAuthority, Receive("REPLY", Mallory, Event("ORGANIZER:mailto:gina@here.test\nATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM=\"mailto:bob@far.test\":mailto:mallory@far.test")));
        Assert.Equal(ScheduleStatus.NoAuthority, Receive("REFRESH", Mallory, Event("ORGANIZER:mailto:gina@here.test\nATTENDEE:mailto:mallory@far.test")));
        Assert.Equal(before, Body("mine.ics"));
        Assert.Equal(0, _store.Scheduling.PendingCount);
    }

    [Fact]
    public void A_REFRESH_from_an_attendee_sends_the_event()
    {
        Store("mine.ics", Event("ORGANIZER:mailto:gina@here.test\nATTENDEE:mailto:mallory@far.test\n" + Start), scheduled: true);
        Assert.Equal(ScheduleStatus.Delivered, Receive("REFRESH", Mallory, Event("ORGANIZER:mailto:gina@here.test\nATTENDEE:mailto:mallory@far.test")));
        Assert.Equal(1, _store.Scheduling.PendingCount);
    }

    [Theory]
    [InlineData("REQUEST")]
    [InlineData("CANCEL")]
    [InlineData("ADD")]
    public void A_private_event_with_the_same_UID_is_not_touched(string method)
    {
        Store("private.ics", Event("SUMMARY:Private\n" + Start), scheduled: false);
        Receive(method, Mallory, Invitation(Start));
        Assert.Contains("Private", Body("private.ics"), StringComparison.Ordinal);
        Assert.DoesNotContain("mallory", Body("private.ics"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_object_that_cannot_be_parsed_is_not_replaced()
    {
        var broken = NewResourceReader.Read(CollectionSpace.Calendars, Text("", Event(Start)), null) with { ScheduleTag = "t" };
        Assert.IsType<CollectionReply.Stored>(_store.Change(new CollectionRequest.Put(Calendar.Child("broken.ics"), broken)));
        Assert.NotEqual(ScheduleStatus.Delivered, Receive("REQUEST", Mallory, Invitation(Start)));
        Assert.DoesNotContain("mallory", Body("broken.ics"), StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_in_the_name_of_another_user_are_refused()
    {
        Assert.Equal(ScheduleStatus.NoAuthority, Receive("REQUEST", EmailAddress.Parse("eve@far.test"), Invitation(Start)));
        Assert.Null(_store.Scheduling.Find("one"));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private static string Expanded(string lines) => lines
        .Replace(Huge, new string('x', 30_000_000), StringComparison.Ordinal)
        .Replace(Crowd, string.Join('\n', Enumerable.Range(0, 1_200).Select(static i => $"ATTENDEE:mailto:a{i}@far.test")), StringComparison.Ordinal);

    private static string Invitation(string lines) => Event($"ORGANIZER:mailto:{Mallory}\nATTENDEE:mailto:{Me}\n{lines}");

    private static string Event(string lines) => $"""
        BEGIN:VEVENT
        UID:one
        DTSTAMP:20261001T000000Z
        {lines}
        END:VEVENT
        """;

    private static byte[] Text(string method, string content) => Encoding.UTF8.GetBytes($"""
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//EN
        {(method.Length > 0 ? $"METHOD:{method}\n" : "")}{content}
        END:VCALENDAR

        """.ReplaceLineEndings("\r\n"));

    private string Receive(string method, EmailAddress sender, string content) => _incoming.Receive(_store, sender, Text(method, content), $"key-{++_keys}");

    private void Store(string name, string content, bool scheduled)
    {
        var resource = NewResourceReader.Read(CollectionSpace.Calendars, Text("", content), null);
        Assert.IsType<CollectionReply.Stored>(_store.Change(new CollectionRequest.Put(Calendar.Child(name), scheduled ? resource with { ScheduleTag = resource.ETag } : resource)));
    }

    private string Body(string name) => Encoding.UTF8.GetString(_store.Scheduling.Read(Calendar.Child(name))!.Body.Span);

    /// <summary>A directory with one account and one address.</summary>
    private sealed class SingleUserDirectory : IDirectory
    {
        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(domain == "here.test");

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => ValueTask.FromResult(sender.Equals(Me));

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([Me]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<Account?>(null);
    }
}
