using MailServer.Domain.Collections;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

/// <summary>Effects of received scheduling messages on stored objects.</summary>
public sealed class ItipProcessorTests
{
    private const string Second = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000\n";

    [Fact]
    public void An_invitation_is_stored_without_its_METHOD()
    {
        var request = Received(Change(null, Of(Component(Weekly + "\nSUMMARY:Talk\n" + People()))).Messages[0]);
        var text = Changed(ToBob(request, null));
        Assert.DoesNotContain("METHOD", text, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:Talk\n", text, StringComparison.Ordinal);
    }

    /// <summary>RFC 6638 §4.2: SCHEDULE-STATUS of the attendee has the codes of REQUEST-STATUS in the reply.</summary>
    [Theory]
    [InlineData("", "SCHEDULE-STATUS=2.0;")]
    [InlineData("\nREQUEST-STATUS:2.0;Success", "SCHEDULE-STATUS=2.0;")]
    [InlineData("\nREQUEST-STATUS:3.1;Invalid property value;DTSTART:96-Apr-01", "SCHEDULE-STATUS=3.1;")]
    [InlineData("\nREQUEST-STATUS:2.0;Success\nREQUEST-STATUS:2.4;Success, unknown, ignored", "SCHEDULE-STATUS=\"2.0,2.4\";")]
    [InlineData("\nREQUEST-STATUS:nonsense;x", "SCHEDULE-STATUS=2.0;")]
    public void A_reply_tells_the_organizer_its_status(string lines, string expected)
    {
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "ACCEPTED") + lines));
        Assert.Contains(expected, Changed(ToAlice(reply, Of(Component(Times + "\n" + People())))), StringComparison.Ordinal);
    }

    /// <summary>What an update of the organizer changes, and whether it is only how others answered.</summary>
    [Theory]
    [InlineData("PARTSTAT=NEEDS-ACTION:mailto:carol", "PARTSTAT=ACCEPTED:mailto:carol", true)]
    [InlineData("PARTSTAT=NEEDS-ACTION:mailto:carol", "PARTSTAT=DECLINED;SCHEDULE-STATUS=2.0:mailto:carol", true)]
    [InlineData("DTSTAMP:20261001T000000Z", "DTSTAMP:20261002T000000Z", true)]
    [InlineData("CN=carol;", "CN=Caroline;", false)]
    [InlineData("SUMMARY:a", "SUMMARY:b", false)]
    [InlineData("T110000", "T120000", false)]
    [InlineData("SEQUENCE:0", "SEQUENCE:1", false)]
    [InlineData("ATTENDEE;CN=carol;PARTSTAT=NEEDS-ACTION:mailto:carol@c.test\n", "", false)]
    public void Answers_of_others_are_told_from_other_updates(string was, string becomes, bool isAnswer)
    {
        var before = Component(Times + "\nSUMMARY:a\n" + People(carol: true));
        var after = before.Replace(was, becomes, StringComparison.Ordinal);
        Assert.NotEqual(before, after);
        Assert.Equal(isAnswer, AnswerUpdate.Is(Of(before).Calendar, Of(after).Calendar));
    }

    [Fact]
    public void A_repeated_message_changes_nothing()
    {
        var request = Received(Change(null, Of(Component(Times + "\n" + People()))).Messages[0]);
        var copy = Stored(ToBob(request, null));
        Assert.IsType<ItipOutcome.Unchanged>(ToBob(request, copy, request.Revision));
    }

    [Fact]
    public void An_update_keeps_participation_and_alarm()
    {
        var copy = Of(Component(Times + "\nSUMMARY:a\n" + People("TENTATIVE") + "\nCATEGORIES:Mine\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"));
        var text = Changed(ToBob(Received("REQUEST", Component(Times + "\nSUMMARY:b\n" + People())), copy));
        Assert.Contains("SUMMARY:b\n", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=TENTATIVE:mailto:bob", text, StringComparison.Ordinal);
        Assert.Contains("BEGIN:VALARM\n", text, StringComparison.Ordinal);
        Assert.Contains("CATEGORIES:Mine\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_time_resets_the_participation()
    {
        var copy = Of(Component(Times + "\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Times.Replace("T11", "T12", StringComparison.Ordinal) + "\n" + People(), 1)), copy));
        Assert.Contains("PARTSTAT=NEEDS-ACTION:mailto:bob", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Outdated_messages_are_ignored()
    {
        var copy = Of(Component(Times + "\n" + People(), 2));
        var late = Received("REQUEST", Component(Times + "\nSUMMARY:old\n" + People(), 1));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(late, copy, new ItipRevision(2, late.Revision.Stamp + 60)));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(late, copy, late.Revision with { Stamp = late.Revision.Stamp + 1 }));
        Assert.IsType<ItipOutcome.Changed>(ToBob(late, copy, late.Revision with { Stamp = late.Revision.Stamp - 1 }));
    }

    [Fact]
    public void An_override_for_one_instance_is_added_to_the_copy()
    {
        var copy = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Second + "LOCATION:Elsewhere\n" + People(), 1)), copy));
        Assert.Contains("RRULE", text, StringComparison.Ordinal);
        Assert.Contains("LOCATION:Elsewhere\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_instance_is_excluded_and_its_override_removed()
    {
        var copy = Of(Component(Weekly + "\n" + People("ACCEPTED")), Component(Second + "LOCATION:Elsewhere\n" + People()));
        var text = Changed(ToBob(Received("CANCEL", Component(Second + "STATUS:CANCELLED\n" + People(), 1)), copy));
        Assert.Contains("EXDATE;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Elsewhere", text, StringComparison.Ordinal);
        Assert.DoesNotContain("CANCELLED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_meeting_is_marked_once()
    {
        var copy = Of(Component(Times + "\n" + People("ACCEPTED")));
        var cancel = Received("CANCEL", "BEGIN:VEVENT\nUID:one\nDTSTAMP:20261102T000000Z\nSEQUENCE:1\nORGANIZER:mailto:alice@a.test\nEND:VEVENT");
        var cancelled = Stored(ToBob(cancel, copy));
        Assert.Contains("STATUS:CANCELLED\nSEQUENCE:1".Split('\n')[0], Show(cancelled.Calendar.Text), StringComparison.Ordinal);
        Assert.IsType<ItipOutcome.Unchanged>(ToBob(cancel, cancelled, cancel.Revision));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(cancel, null));
    }

    [Fact]
    public void A_declined_and_removed_instance_does_not_reappear()
    {
        var copy = Of(Component(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Weekly + "\nSUMMARY:b\n" + People("ACCEPTED")), Component(Second + People("DECLINED"))), copy));
        Assert.Contains("EXDATE;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("RECURRENCE-ID", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_added_instance_becomes_an_RDATE()
    {
        var text = Changed(ToBob(Received("ADD", Component("DTSTART:20270101T090000Z\nDTEND:20270101T100000Z\n" + People(), 1)), Of(Component(Weekly + "\n" + People()))));
        Assert.Contains("RDATE:20270101T090000Z\n", text, StringComparison.Ordinal);
        Assert.Contains("RECURRENCE-ID:20270101T090000Z\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_another_organizer_is_not_taken_over()
    {
        var theirs = People().Replace("alice@a.test", "mallory@m.test", StringComparison.Ordinal);
        Assert.IsType<ItipOutcome.Ignored>(ToBob(Received("REQUEST", Component(Times + "\n" + theirs, 9)), Of(Component(Times + "\n" + People()))));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(Received("CANCEL", Component(Times + "\n" + theirs, 9)), Of(Component(Times + "\n" + People()))));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(Received("REQUEST", Component(Times + "\nORGANIZER:mailto:alice@a.test\n" + Attendee("carol"))), null));
        Assert.IsType<ItipOutcome.Ignored>(AttendeeItipProcessor.Apply(Received("REQUEST", Component(Times + "\n" + People())), null, null, Alice.Equals));
    }

    [Fact]
    public void Only_the_organizer_may_send_requests_and_only_attendees_replies()
    {
        var request = Received("REQUEST", Component(Times + "\n" + People()));
        Assert.True(request.IsAuthorizedSender(Alice));
        Assert.False(request.IsAuthorizedSender(Bob));
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "ACCEPTED")));
        Assert.True(reply.IsAuthorizedSender(Bob));
        Assert.False(reply.IsAuthorizedSender(Alice));
        Assert.False(Received("REPLY", Component(People("ACCEPTED"))).IsAuthorizedSender(Bob));
    }

    [Fact]
    public void A_reply_is_recorded_at_its_attendee()
    {
        var stored = Of(Component(Times + "\n" + People(carol: true)));
        var text = Changed(ToAlice(Answer("ACCEPTED"), stored));
        Assert.Contains("PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0;X-REPLIED-AT=20261001T000000Z:mailto:bob", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=NEEDS-ACTION:mailto:carol", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeated_or_outdated_reply_changes_nothing()
    {
        var answered = Stored(ToAlice(Answer("ACCEPTED", stamp: "20261002T000000Z"), Of(Component(Times + "\n" + People()))));
        Assert.IsType<ItipOutcome.Unchanged>(ToAlice(Answer("ACCEPTED", stamp: "20261002T000000Z"), answered));
        Assert.IsType<ItipOutcome.Unchanged>(ToAlice(Answer("DECLINED", stamp: "20261001T000000Z"), answered));
        Assert.IsType<ItipOutcome.Changed>(ToAlice(Answer("DECLINED", stamp: "20261003T000000Z"), answered));
    }

    [Fact]
    public void A_reply_to_an_earlier_sequence_is_ignored() =>
        Assert.IsType<ItipOutcome.Unchanged>(ToAlice(Answer("ACCEPTED", sequence: 1), Of(Component(Times + "\n" + People(), 2))));

    [Fact]
    public void A_reply_for_one_instance_creates_an_override()
    {
        var reply = Received("REPLY", Component("RECURRENCE-ID:20261208T090000Z\nORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "DECLINED")));
        var text = Changed(ToAlice(reply, Of(Component(Weekly + "\nSUMMARY:Talk\n" + People("ACCEPTED")))));
        var made = text[text.LastIndexOf("BEGIN:VEVENT", StringComparison.Ordinal)..];
        Assert.Contains("RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\n", made, StringComparison.Ordinal);
        Assert.Contains("DTEND;TZID=Europe/Berlin:20261208T110000\n", made, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=DECLINED", made, StringComparison.Ordinal);
        Assert.DoesNotContain("RRULE", made, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=ACCEPTED:mailto:bob", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Replies_for_single_instances_cannot_make_an_object_larger_than_it_may_be()
    {
        var stored = Of(Component($"{Times}\nRRULE:FREQ=DAILY\nDESCRIPTION:{new string('x', 1_000_000)}\n{People()}"));
        var days = Enumerable.Range(2, 25).Select(static day => Component($"RECURRENCE-ID:202612{day:00}T090000Z\nORGANIZER:mailto:alice@a.test\n{Attendee("bob", "DECLINED")}"));
        var changed = Assert.IsType<ItipOutcome.Changed>(ToAlice(Received("REPLY", [.. days]), stored));
        Assert.InRange(changed.Text.Length, 9_000_000, 10_500_000);
    }

    [Fact]
    public void A_reply_for_a_nonexistent_instance_is_ignored()
    {
        var reply = Received("REPLY", Component("RECURRENCE-ID:20261209T090000Z\nORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "DECLINED")));
        Assert.IsType<ItipOutcome.Unchanged>(ToAlice(reply, Of(Component(Weekly + "\n" + People("ACCEPTED")))));
    }

    [Fact]
    public void A_reply_of_an_uninvited_sender_is_ignored()
    {
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("carol", "ACCEPTED")));
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToAlice(reply, Of(Component(Times + "\n" + People())))).IsRefusal);
    }

    [Fact]
    public void A_delegate_is_added_beside_the_delegating_attendee()
    {
        var delegating = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "DELEGATED", ";DELEGATED-TO=\"mailto:carol@c.test\"")));
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"")));
        var text = Changed(ToAlice(reply, Stored(ToAlice(delegating, Of(Component(Times + "\n" + People()))))));
        Assert.Contains("ATTENDEE;DELEGATED-FROM=\"mailto:bob@b.test\";PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0;X-REPLIED-AT=20261001T000000Z:mailto:carol@c.test", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_components_are_not_scheduling_messages()
    {
        Assert.False(ReceivedItipMessage.TryParse(Text(Component(Times + "\n" + People())), out _));
        Assert.False(ReceivedItipMessage.TryParse("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"u8.ToArray(), out _));
        Assert.False(ReceivedItipMessage.TryParse("garbage"u8.ToArray(), out _));
        Assert.Throws<ArgumentException>(() => Received("PUBLISH", Component(Times + "\n" + People())));
    }

    [Fact]
    public void Request_statuses_are_recorded_at_their_attendees()
    {
        var text = ScheduleStatus.Write(Of(Component(Times + "\n" + People(carol: true))), new Dictionary<Domain.Addresses.EmailAddress, string> { [Bob] = "1.2", [Carol] = "3.7" })!;
        Assert.Contains("SCHEDULE-STATUS=1.2:mailto:bob", Show(text), StringComparison.Ordinal);
        Assert.Contains("SCHEDULE-STATUS=3.7:mailto:carol", Show(text), StringComparison.Ordinal);
        Assert.Null(ScheduleStatus.Write(SchedulingObject.Parse(text)!, new Dictionary<Domain.Addresses.EmailAddress, string> { [Bob] = "1.2" }));
    }

    private static ReceivedItipMessage Answer(string partstat, int sequence = 0, string stamp = "20261001T000000Z") =>
        Received("REPLY", $"BEGIN:VEVENT\nUID:one\nDTSTAMP:{stamp}\nSEQUENCE:{sequence}\nORGANIZER:mailto:alice@a.test\n{Attendee("bob", partstat)}\nEND:VEVENT");
}
