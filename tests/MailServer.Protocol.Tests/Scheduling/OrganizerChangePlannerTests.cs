using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

public sealed class OrganizerChangePlannerTests
{
    [Fact]
    public void A_new_meeting_is_requested_from_everyone_but_the_organizer()
    {
        var plan = Change(null, Of(Component(Times + "\nSUMMARY:Talk\n" + People(carol: true))));
        Assert.Equal([Bob, Carol], plan.Messages.Select(m => m.Recipient));
        Assert.All(plan.Messages, m => Assert.Equal((ItipMethod.Request, Alice, "one"), (m.Method, m.Sender, m.Uid)));
        var text = Show(plan.Messages[0].Body);
        Assert.Contains("METHOD:REQUEST\n", text, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:Talk\n", text, StringComparison.Ordinal);
        Assert.Contains("DTSTAMP:20261101T120000Z\n", text, StringComparison.Ordinal);
        Assert.Null(plan.Body);
    }

    [Fact]
    public void Others_can_be_invited_to_one_instance_of_an_entry_that_is_no_meeting()
    {
        const string moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T120000\nDTEND;TZID=Europe/Berlin:20261208T130000\n";
        var entry = Of(Component(Weekly), Component(moved + People()));
        Assert.True(entry.HasSameOrganizer);
        var request = Assert.Single(Change(null, entry).Messages);
        Assert.Equal((ItipMethod.Request, Bob), (request.Method, request.Recipient));
        Assert.DoesNotContain("RRULE", Show(request.Body), StringComparison.Ordinal);
        Assert.Contains("RECURRENCE-ID", Changed(ToBob(Received(request), null)), StringComparison.Ordinal);

        var answered = Changed(ToAlice(Received("REPLY", Component(moved + "ORGANIZER:mailto:alice@a.test\n" + Attendee("bob", "ACCEPTED"))), entry));
        Assert.Contains("ATTENDEE;CN=bob;PARTSTAT=ACCEPTED", answered, StringComparison.Ordinal);
        Assert.Equal(2, answered.Split("ORGANIZER").Length);
        Assert.Equal(ItipMethod.Cancel, Assert.Single(Change(entry, null).Messages).Method);

        // Attendees without an organizer, and two organizers.
        Assert.False(Of(Component(Weekly + "\n" + Attendee("bob")), Component(moved + People())).HasSameOrganizer);
        Assert.False(Of(Component(Weekly + "\nORGANIZER:mailto:carol@c.test"), Component(moved + People())).HasSameOrganizer);
    }

    /// <summary>RFC 5546 §2.1.4: what raises SEQUENCE, in the stored object as in the message, and who keeps their answer.</summary>
    [Theory]
    [InlineData(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000", "", ItipMethod.Cancel, 1, true)]
    [InlineData(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\nSUMMARY:b", "", ItipMethod.Request, 1, true)]
    [InlineData(Weekly, "EXDATE;TZID=Europe/Berlin:20261208T100000", ItipMethod.Request, 1, true)]
    [InlineData(Weekly + "\nSTATUS:TENTATIVE", "", ItipMethod.Request, 1, true)]
    [InlineData(Weekly + "\nSTATUS:CANCELLED", "", ItipMethod.Cancel, 1, true)]
    [InlineData(Weekly + "\nSTATUS:CONFIRMED\nSUMMARY:b", "", ItipMethod.Request, 0, true)]
    [InlineData(Weekly + "\nSUMMARY:b", "", ItipMethod.Request, 0, true)]
    [InlineData(Weekly + "\nRDATE;TZID=Europe/Berlin:20261202T100000", "", ItipMethod.Request, 1, false)]
    [InlineData(Times + "\nRRULE:FREQ=WEEKLY;COUNT=4", "", ItipMethod.Request, 1, false)]
    [InlineData("DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T120000\nRRULE:FREQ=WEEKLY;COUNT=5", "", ItipMethod.Request, 1, false)]
    public void SEQUENCE_is_raised_as_iTIP_asks(string changed, string before, ItipMethod method, int sequence, bool keeps)
    {
        var old = Of(Component($"{Weekly}\n{before}\n{People("ACCEPTED")}".Replace("\n\n", "\n", StringComparison.Ordinal), 3));
        foreach (var sent in new[] { 3, 7 })
        {
            var plan = Change(old, Of(Component($"{changed}\n{People("ACCEPTED")}", sent)));
            var message = Assert.Single(plan.Messages);
            var right = Math.Max(3 + sequence, sent);
            Assert.Equal(method, message.Method);
            Assert.Contains($"SEQUENCE:{(method == ItipMethod.Cancel ? Math.Max(right, 4) : right)}\n", Show(message.Body), StringComparison.Ordinal);
            if (sequence > 0 && sent == 3) Assert.Contains($"SEQUENCE:{right}\n", Show(plan.Body!), StringComparison.Ordinal);
            if (keeps && sent == 7) Assert.Null(plan.Body);
            if (method == ItipMethod.Request) Assert.Equal(keeps, Show(message.Body).Contains("ATTENDEE;CN=bob;PARTSTAT=ACCEPTED", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_change_after_a_cancelled_instance_is_not_older_than_the_cancellation()
    {
        var first = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var shorter = Of(Component(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People("ACCEPTED")));
        var plan = Change(first, shorter);
        var cancelled = Received(Assert.Single(plan.Messages));
        var stored = SchedulingObject.Parse(plan.Body!)!;
        var next = Received(Assert.Single(Change(stored, SchedulingObject.Parse(System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(plan.Body!).Replace("RRULE", "SUMMARY:b\r\nRRULE", StringComparison.Ordinal)))).Messages));
        Assert.True(next.Revision.Sequence >= cancelled.Revision.Sequence);
        var copy = Stored(ToBob(cancelled, Stored(ToBob(Received(Change(null, first).Messages[0]), null))));
        Assert.Contains("PARTSTAT=ACCEPTED", Changed(ToBob(next, copy, cancelled.Revision)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attendee_cannot_take_an_instance_out_of_a_meeting()
    {
        const string instance = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000";
        var meeting = Of(Component(Weekly + "\n" + People()));
        Assert.True(AttendeeChangePlanner.IsAllowed(meeting, Of(Component(Weekly + "\n" + People()), Component(instance + "\n" + People("ACCEPTED")))));
        Assert.False(AttendeeChangePlanner.IsAllowed(meeting, Of(Component(Weekly + "\n" + People()), Component(instance))));
    }

    [Fact]
    public void Private_properties_of_the_organizer_are_not_sent()
    {
        var plan = Change(null, Of(Component(Times + "\n" + People(bobMore: ";SCHEDULE-STATUS=1.2") + "\nX-MOZ-GENERATION:2\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM")));
        var text = Show(Assert.Single(plan.Messages).Body);
        Assert.DoesNotContain("VALARM", text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-MOZ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SCHEDULE-", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SUMMARY:a\nX-PRIVATE:1")]
    [InlineData("SUMMARY:a\nTRANSP:TRANSPARENT")]
    [InlineData("SUMMARY:a\nCATEGORIES:Work")]
    [InlineData("SUMMARY:a\nLAST-MODIFIED:20261002T000000Z")]
    public void An_insignificant_change_is_not_sent(string lines)
    {
        var old = Of(Component(Times + "\nSUMMARY:a\n" + People()));
        Assert.Empty(Change(old, Of(Component(Times + "\n" + lines + "\n" + People()))).Messages);
    }

    [Theory]
    [InlineData("SUMMARY:b")]
    [InlineData("SUMMARY:a\nLOCATION:Room 2")]
    [InlineData("SUMMARY:a\nSTATUS:TENTATIVE")]
    public void A_significant_change_is_requested_and_participation_is_kept(string lines)
    {
        var old = Of(Component(Times + "\nSUMMARY:a\n" + People("ACCEPTED")));
        var plan = Change(old, Of(Component(Times + "\n" + lines + "\n" + People("ACCEPTED"))));
        Assert.Equal(ItipMethod.Request, Assert.Single(plan.Messages).Method);
        Assert.Contains("PARTSTAT=ACCEPTED:mailto:bob", Show(plan.Messages[0].Body), StringComparison.Ordinal);
        if (!lines.Contains("STATUS", StringComparison.Ordinal)) Assert.Null(plan.Body);
    }

    [Fact]
    public void A_change_of_times_resets_participation_and_increments_the_sequence()
    {
        var old = Of(Component(Times + "\n" + People("ACCEPTED"), sequence: 3));
        var plan = Change(old, Of(Component(Times.Replace("T11", "T12", StringComparison.Ordinal) + "\n" + People("ACCEPTED"), sequence: 3)));
        var stored = Show(plan.Body!);
        Assert.Contains("PARTSTAT=NEEDS-ACTION:mailto:bob", stored, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=ACCEPTED:mailto:alice", stored, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:4\n", stored, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:4\n", Show(plan.Messages[0].Body), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sequence_incremented_by_the_client_is_kept()
    {
        var old = Of(Component(Times + "\n" + People(), sequence: 3));
        var plan = Change(old, Of(Component(Times.Replace("T11", "T12", StringComparison.Ordinal) + "\n" + People(), sequence: 7)));
        Assert.Null(plan.Body);
        Assert.Contains("SEQUENCE:7\n", Show(plan.Messages[0].Body), StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_times_in_another_zone_are_not_a_change()
    {
        var old = Of(Component("DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T110000\n" + People("ACCEPTED")));
        Assert.Empty(Change(old, Of(Component("DTSTART:20261201T090000Z\nDURATION:PT1H\n" + People("ACCEPTED")))).Messages);
    }

    [Fact]
    public void A_removed_attendee_gets_a_cancellation_and_the_others_the_new_list()
    {
        var old = Of(Component(Times + "\n" + People(carol: true), sequence: 1));
        var plan = Change(old, Of(Component(Times + "\n" + People(), sequence: 1)));
        var cancel = Assert.Single(plan.Messages, m => m.Recipient.Equals(Carol));
        Assert.Equal(ItipMethod.Cancel, cancel.Method);
        Assert.Contains("STATUS:CANCELLED\n", Show(cancel.Body), StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:2\n", Show(cancel.Body), StringComparison.Ordinal);
        Assert.DoesNotContain("bob", Show(cancel.Body), StringComparison.Ordinal);
        Assert.Equal(ItipMethod.Request, Assert.Single(plan.Messages, m => m.Recipient.Equals(Bob)).Method);
    }

    [Fact]
    public void A_removed_meeting_is_cancelled()
    {
        var plan = Change(Of(Component(Weekly + "\n" + People(carol: true))), null);
        Assert.Equal(2, plan.Messages.Count);
        Assert.All(plan.Messages, m => Assert.Equal(ItipMethod.Cancel, m.Method));
    }

    [Fact]
    public void A_meeting_marked_as_cancelled_sends_one_cancellation()
    {
        var cancelled = Of(Component(Times + "\nSTATUS:CANCELLED\n" + People()));
        Assert.Equal(ItipMethod.Cancel, Assert.Single(Change(Of(Component(Times + "\n" + People())), cancelled).Messages).Method);
        Assert.Empty(Change(cancelled, null).Messages);
    }

    [Fact]
    public void A_removed_instance_is_cancelled()
    {
        var old = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var plan = Change(old, Of(Component(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People("ACCEPTED"))));
        var cancel = Assert.Single(plan.Messages);
        Assert.Equal(ItipMethod.Cancel, cancel.Method);
        Assert.Contains("RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\n", Show(cancel.Body), StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=ACCEPTED:mailto:bob", Show(plan.Body!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_instance_with_another_change_is_one_request()
    {
        var old = Of(Component(Weekly + "\n" + People()));
        var plan = Change(old, Of(Component(Weekly + "\nSUMMARY:New\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People())));
        Assert.Equal(ItipMethod.Request, Assert.Single(plan.Messages).Method);
    }

    [Fact]
    public void An_attendee_of_one_instance_gets_only_that_instance()
    {
        const string instance = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000\n";
        var old = Of(Component(Weekly + "\n" + People()));
        var plan = Change(old, Of(Component(Weekly + "\n" + People()), Component(instance + People(carol: true))));
        var text = Show(Assert.Single(plan.Messages, m => m.Recipient.Equals(Carol)).Body);
        Assert.DoesNotContain("RRULE", text, StringComparison.Ordinal);
        Assert.Contains("RECURRENCE-ID", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attendee_removed_from_one_instance_does_not_get_it()
    {
        const string instance = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000\n";
        var plan = Change(null, Of(Component(Weekly + "\n" + People(carol: true)), Component(instance + People())));
        var text = Show(Assert.Single(plan.Messages, m => m.Recipient.Equals(Carol)).Body);
        Assert.Contains("EXDATE;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("RECURRENCE-ID", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLIENT")]
    [InlineData("NONE")]
    public void Attendees_with_another_schedule_agent_get_no_message(string agent) =>
        Assert.Empty(Change(null, Of(Component(Times + "\n" + People(bobMore: ";SCHEDULE-AGENT=" + agent)))).Messages);

    [Fact]
    public void A_forced_request_is_sent_without_changes_and_the_parameter_is_removed()
    {
        var old = Of(Component(Times + "\n" + People()));
        var plan = Change(old, Of(Component(Times + "\n" + People(bobMore: ";SCHEDULE-FORCE-SEND=REQUEST"))));
        Assert.Equal(ItipMethod.Request, Assert.Single(plan.Messages).Method);
        Assert.DoesNotContain("FORCE", Show(plan.Body!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REQUEST", 1, "")]
    [InlineData("REPLY", 0, "")]
    [InlineData("X-NEW", 0, "2.3")]
    public void An_order_to_send_is_never_stored(string order, int messages, string status)
    {
        var plan = Change(Of(Component(Times + "\n" + People())), Of(Component(Times + "\n" + People(bobMore: $";SCHEDULE-FORCE-SEND={order}"))));
        Assert.Equal(messages, plan.Messages.Count);
        Assert.DoesNotContain("FORCE", Show(plan.Body!), StringComparison.Ordinal);
        Assert.Equal(status.Length > 0, Show(plan.Body!).Contains("SCHEDULE-STATUS=2.3:mailto:bob", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_matching_schedule_tag_newer_replies_are_kept()
    {
        var old = Of(Component(Times + "\nSUMMARY:a\n" + People("ACCEPTED")));
        var plan = Change(old, Of(Component(Times + "\nSUMMARY:b\n" + People("NEEDS-ACTION"))), keepsAnswers: true);
        Assert.Contains("PARTSTAT=ACCEPTED:mailto:bob", Show(plan.Body!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refresh_returns_the_whole_event()
    {
        var refresh = OrganizerChangePlanner.Refresh(Of(Component(Weekly + "\n" + People())), Bob, Now)!;
        Assert.Equal((ItipMethod.Request, Bob), (refresh.Method, refresh.Recipient));
        Assert.Null(OrganizerChangePlanner.Refresh(Of(Component(Weekly + "\n" + People())), Carol, Now));
    }
}
