using MailServer.Domain.Collections;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.Meeting;

namespace MailServer.Protocol.Tests.Scheduling;

/// <summary>What messages do to the objects of those who get them.</summary>
public sealed class InboxTests
{
    private const string Second = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000\n";

    [Fact]
    public void An_invitation_becomes_a_copy_without_method()
    {
        var request = Received(Change(null, Of(Component(Weekly + "\nSUMMARY:Talk\n" + People()))).Messages[0]);
        var text = Changed(ToBob(request, null));
        Assert.DoesNotContain("METHOD", text, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:Talk\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_message_twice_changes_nothing()
    {
        var request = Received(Change(null, Of(Component(Times + "\n" + People()))).Messages[0]);
        var copy = Stored(ToBob(request, null));
        Assert.IsType<Incoming.Unchanged>(ToBob(request, copy, request.Revision));
    }

    [Fact]
    public void An_update_keeps_the_answer_and_the_alarm()
    {
        var copy = Of(Component(Times + "\nSUMMARY:a\n" + People("TENTATIVE") + "\nCATEGORIES:Mine\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"));
        var text = Changed(ToBob(Received("REQUEST", Component(Times + "\nSUMMARY:b\n" + People())), copy));
        Assert.Contains("SUMMARY:b\n", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=TENTATIVE:mailto:bob", text, StringComparison.Ordinal);
        Assert.Contains("BEGIN:VALARM\n", text, StringComparison.Ordinal);
        Assert.Contains("CATEGORIES:Mine\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_asks_again()
    {
        var copy = Of(Component(Times + "\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Times.Replace("T11", "T12", StringComparison.Ordinal) + "\n" + People(), 1)), copy));
        Assert.Contains("PARTSTAT=NEEDS-ACTION:mailto:bob", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_overtaken_is_ignored()
    {
        var copy = Of(Component(Times + "\n" + People(), 2));
        var late = Received("REQUEST", Component(Times + "\nSUMMARY:old\n" + People(), 1));
        Assert.IsType<Incoming.Ignored>(ToBob(late, copy, new ItipRevision(2, late.Revision.Stamp + 60)));
        Assert.IsType<Incoming.Ignored>(ToBob(late, copy, late.Revision with { Stamp = late.Revision.Stamp + 1 }));
        Assert.IsType<Incoming.Changed>(ToBob(late, copy, late.Revision with { Stamp = late.Revision.Stamp - 1 }));
    }

    [Fact]
    public void One_instance_more_joins_the_copy()
    {
        var copy = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Second + "LOCATION:Elsewhere\n" + People(), 1)), copy));
        Assert.Contains("RRULE", text, StringComparison.Ordinal);
        Assert.Contains("LOCATION:Elsewhere\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_instance_is_excluded_with_its_override()
    {
        var copy = Of(Component(Weekly + "\n" + People("ACCEPTED")), Component(Second + "LOCATION:Elsewhere\n" + People()));
        var text = Changed(ToBob(Received("CANCEL", Component(Second + "STATUS:CANCELLED\n" + People(), 1)), copy));
        Assert.Contains("EXDATE;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Elsewhere", text, StringComparison.Ordinal);
        Assert.DoesNotContain("CANCELLED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_meeting_is_marked_and_cancelled_once()
    {
        var copy = Of(Component(Times + "\n" + People("ACCEPTED")));
        var cancel = Received("CANCEL", "BEGIN:VEVENT\nUID:one\nDTSTAMP:20261102T000000Z\nSEQUENCE:1\nORGANIZER:mailto:alice@a.test\nEND:VEVENT");
        var cancelled = Stored(ToBob(cancel, copy));
        Assert.Contains("STATUS:CANCELLED\nSEQUENCE:1".Split('\n')[0], Show(cancelled.Calendar.Text), StringComparison.Ordinal);
        Assert.IsType<Incoming.Unchanged>(ToBob(cancel, cancelled, cancel.Revision));
        Assert.IsType<Incoming.Ignored>(ToBob(cancel, null));
    }

    [Fact]
    public void An_instance_that_was_removed_and_declined_does_not_come_back()
    {
        var copy = Of(Component(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People("ACCEPTED")));
        var text = Changed(ToBob(Received("REQUEST", Component(Weekly + "\nSUMMARY:b\n" + People("ACCEPTED")), Component(Second + People("DECLINED"))), copy));
        Assert.Contains("EXDATE;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("RECURRENCE-ID", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_added_instance_is_one_more_date()
    {
        var text = Changed(ToBob(Received("ADD", Component("DTSTART:20270101T090000Z\nDTEND:20270101T100000Z\n" + People(), 1)), Of(Component(Weekly + "\n" + People()))));
        Assert.Contains("RDATE:20270101T090000Z\n", text, StringComparison.Ordinal);
        Assert.Contains("RECURRENCE-ID:20270101T090000Z\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_takes_over_what_is_anothers()
    {
        var theirs = People().Replace("alice@a.test", "mallory@m.test", StringComparison.Ordinal);
        Assert.IsType<Incoming.Ignored>(ToBob(Received("REQUEST", Component(Times + "\n" + theirs, 9)), Of(Component(Times + "\n" + People()))));
        Assert.IsType<Incoming.Ignored>(ToBob(Received("CANCEL", Component(Times + "\n" + theirs, 9)), Of(Component(Times + "\n" + People()))));
        Assert.IsType<Incoming.Ignored>(ToBob(Received("REQUEST", Component(Times + "\nORGANIZER:mailto:alice@a.test\n" + Attendee("carol"))), null));
        Assert.IsType<Incoming.Ignored>(AttendeeInbox.Apply(Received("REQUEST", Component(Times + "\n" + People())), null, null, Alice.Equals));
    }

    [Fact]
    public void Only_the_organizer_asks_and_only_the_attendee_answers()
    {
        var request = Received("REQUEST", Component(Times + "\n" + People()));
        Assert.True(request.MayComeFrom(Alice));
        Assert.False(request.MayComeFrom(Bob));
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "ACCEPTED")));
        Assert.True(reply.MayComeFrom(Bob));
        Assert.False(reply.MayComeFrom(Alice));
        Assert.False(Received("REPLY", Component(People("ACCEPTED"))).MayComeFrom(Bob));
    }

    [Fact]
    public void An_answer_is_written_beside_the_attendee()
    {
        var stored = Of(Component(Times + "\n" + People(carol: true)));
        var text = Changed(ToAlice(Answer("ACCEPTED"), stored));
        Assert.Contains("PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0;X-REPLIED-AT=20261001T000000Z:mailto:bob", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=NEEDS-ACTION:mailto:carol", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_twice_or_overtaken_changes_nothing()
    {
        var answered = Stored(ToAlice(Answer("ACCEPTED", stamp: "20261002T000000Z"), Of(Component(Times + "\n" + People()))));
        Assert.IsType<Incoming.Unchanged>(ToAlice(Answer("ACCEPTED", stamp: "20261002T000000Z"), answered));
        Assert.IsType<Incoming.Unchanged>(ToAlice(Answer("DECLINED", stamp: "20261001T000000Z"), answered));
        Assert.IsType<Incoming.Changed>(ToAlice(Answer("DECLINED", stamp: "20261003T000000Z"), answered));
    }

    [Fact]
    public void An_answer_to_what_was_before_is_ignored() =>
        Assert.IsType<Incoming.Unchanged>(ToAlice(Answer("ACCEPTED", sequence: 1), Of(Component(Times + "\n" + People(), 2))));

    [Fact]
    public void An_answer_for_one_instance_makes_an_override_of_it()
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
    public void An_answer_for_an_instance_that_is_none_is_ignored()
    {
        var reply = Received("REPLY", Component("RECURRENCE-ID:20261209T090000Z\nORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "DECLINED")));
        Assert.IsType<Incoming.Unchanged>(ToAlice(reply, Of(Component(Weekly + "\n" + People("ACCEPTED")))));
    }

    [Fact]
    public void Who_was_not_invited_does_not_come()
    {
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("carol", "ACCEPTED")));
        Assert.True(Assert.IsType<Incoming.Ignored>(ToAlice(reply, Of(Component(Times + "\n" + People())))).IsRefusal);
    }

    [Fact]
    public void A_delegate_comes_in_the_place_of_who_was_invited()
    {
        var delegating = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "DELEGATED", ";DELEGATED-TO=\"mailto:carol@c.test\"")));
        var reply = Received("REPLY", Component("ORGANIZER:mailto:alice@a.test\n" + Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"")));
        var text = Changed(ToAlice(reply, Stored(ToAlice(delegating, Of(Component(Times + "\n" + People()))))));
        Assert.Contains("ATTENDEE;DELEGATED-FROM=\"mailto:bob@b.test\";PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0;X-REPLIED-AT=20261001T000000Z:mailto:carol@c.test", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_of_anything_else_is_none()
    {
        Assert.False(ReceivedMessage.TryParse(Text(Component(Times + "\n" + People())), out _));
        Assert.False(ReceivedMessage.TryParse("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"u8.ToArray(), out _));
        Assert.False(ReceivedMessage.TryParse("garbage"u8.ToArray(), out _));
        Assert.Throws<ArgumentException>(() => Received("PUBLISH", Component(Times + "\n" + People())));
    }

    [Fact]
    public void Statuses_are_written_beside_whom_they_are_about()
    {
        var text = DeliveryStatus.Write(Of(Component(Times + "\n" + People(carol: true))), new Dictionary<Domain.Addresses.EmailAddress, string> { [Bob] = "1.2", [Carol] = "3.7" })!;
        Assert.Contains("SCHEDULE-STATUS=1.2:mailto:bob", Show(text), StringComparison.Ordinal);
        Assert.Contains("SCHEDULE-STATUS=3.7:mailto:carol", Show(text), StringComparison.Ordinal);
        Assert.Null(DeliveryStatus.Write(SchedulingObject.Parse(text)!, new Dictionary<Domain.Addresses.EmailAddress, string> { [Bob] = "1.2" }));
    }

    private static ReceivedMessage Answer(string partstat, int sequence = 0, string stamp = "20261001T000000Z") =>
        Received("REPLY", $"BEGIN:VEVENT\nUID:one\nDTSTAMP:{stamp}\nSEQUENCE:{sequence}\nORGANIZER:mailto:alice@a.test\n{Attendee("bob", partstat)}\nEND:VEVENT");
}
