using MailServer.Domain.Collections;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

/// <summary>Messages that claim more rights than the stored object gives their sender.</summary>
public sealed class SchedulingAuthorityTests
{
    private const string Organizer = "ORGANIZER:mailto:alice@a.test\n";
    private const string Second = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\n";

    private static readonly SchedulingObject Weeks = Of(Component(Weekly + "\nSUMMARY:Secret\n" + People()));

    [Fact]
    public void A_false_delegate_cannot_request_the_event()
    {
        var pretending = Received("REPLY", Component(Organizer + Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"")));
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToAlice(pretending, Weeks)).IsRefusal);
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToAlice(Received("REFRESH", Component(Organizer + Attendee("carol"))), Weeks)).IsRefusal);
    }

    [Theory]
    [InlineData("ACCEPTED", ";DELEGATED-TO=\"mailto:carol@c.test\"", false)]
    [InlineData("DELEGATED", "", false)]
    [InlineData("DELEGATED", ";DELEGATED-TO=\"mailto:erin@e.test\"", false)]
    [InlineData("DELEGATED", ";DELEGATED-TO=\"mailto:erin@e.test\",\"mailto:carol@c.test\"", true)]
    [InlineData("DELEGATED", ";DELEGATED-TO=\"MAILTO:carol@C.test\"", true)]
    public void Only_a_delegate_named_by_a_delegating_attendee_is_added(string answer, string to, bool comes)
    {
        var delegated = Stored(ToAlice(Received("REPLY", Component(Organizer + Attendee("bob", answer, to))), Weeks));
        Assert.Equal(comes, ToAlice(OfDelegate("20261002T000000Z"), delegated) is ItipOutcome.Changed);
    }

    [Fact]
    public void A_revoked_delegation_admits_no_delegate()
    {
        var delegated = Stored(ToAlice(Received("REPLY", Component(Organizer + Attendee("bob", "DELEGATED", ";DELEGATED-TO=\"mailto:carol@c.test\""))), Weeks));
        var back = Stored(ToAlice(Received("REPLY", Component(Organizer + Attendee("bob", "ACCEPTED")).Replace("20261001", "20261002", StringComparison.Ordinal)), delegated));
        Assert.DoesNotContain("DELEGATED", Show(back.Calendar.Text), StringComparison.Ordinal);
        Assert.IsType<ItipOutcome.Ignored>(ToAlice(OfDelegate("20261003T000000Z"), back));
    }

    [Fact]
    public void A_delegate_for_one_instance_is_added_to_that_instance_only()
    {
        var delegated = Stored(ToAlice(Received("REPLY", Component("RECURRENCE-ID:20261208T090000Z\n" + Organizer + Attendee("bob", "DELEGATED", ";DELEGATED-TO=\"mailto:carol@c.test\""))), Weeks));
        var text = Changed(ToAlice(OfDelegate("20261002T000000Z"), delegated));
        Assert.Single(text.Split('\n'), static l => l.EndsWith(":mailto:carol@c.test", StringComparison.Ordinal));
        Assert.Contains("carol", text[text.LastIndexOf("BEGIN:VEVENT", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void A_delegate_may_name_only_the_delegating_attendee()
    {
        var both = Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"") + "\n" + Attendee("bob", "DELEGATED", ";DELEGATED-TO=\"mailto:carol@c.test\"");
        Assert.True(Received("REPLY", Component(Organizer + both)).IsAuthorizedSender(Carol));
        Assert.False(Received("REPLY", Component(Organizer + both + "\n" + Attendee("erin"))).IsAuthorizedSender(Carol));
    }

    [Fact]
    public void The_number_of_delegates_is_limited()
    {
        var many = string.Join(',', Enumerable.Range(0, 50).Select(static i => $"\"mailto:d{i}@d.test\""));
        var delegated = Stored(ToAlice(Received("REPLY", Component(Organizer + Attendee("bob", "DELEGATED", ";DELEGATED-TO=" + many))), Weeks));
        Assert.Equal(10, Show(delegated.Calendar.Text).Split("mailto:d").Length - 1);
    }

    [Fact]
    public void A_refresh_by_an_attendee_of_one_instance_returns_only_that_instance()
    {
        var stored = Of(Component(Weekly + "\nSUMMARY:Secret\n" + People()), Component(Second + "SUMMARY:Open\n" + People(carol: true)));
        Assert.IsType<ItipOutcome.RefreshRequested>(ToAlice(Received("REFRESH", Component(Organizer + Attendee("carol"))), stored));
        var sent = Show(OrganizerChangePlanner.Refresh(stored, Carol, Now)!.Body);
        Assert.Contains("SUMMARY:Open", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("RRULE", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refresh_omits_instances_that_the_attendee_was_removed_from()
    {
        var stored = Of(Component(Weekly + "\nSUMMARY:Open\n" + People(carol: true)), Component(Second + "SUMMARY:Secret\n" + People()));
        var sent = Show(OrganizerChangePlanner.Refresh(stored, Carol, Now)!.Body);
        Assert.DoesNotContain("Secret", sent, StringComparison.Ordinal);
        Assert.Contains("EXDATE", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reply_for_an_instance_without_its_sender_changes_nothing()
    {
        var stored = Of(Component(Weekly + "\n" + People(carol: true)), Component(Second + People()));
        var reply = Received("REPLY", Component("RECURRENCE-ID:20261208T090000Z\n" + Organizer + Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"")));
        Assert.IsType<ItipOutcome.Unchanged>(ToAlice(reply, stored));
    }

    [Theory]
    [InlineData("VEVENT", "ACCEPTED", true)]
    [InlineData("VEVENT", "declined", true)]
    [InlineData("VEVENT", "TENTATIVE", true)]
    [InlineData("VEVENT", "COMPLETED", false)]
    [InlineData("VEVENT", "IN-PROCESS", false)]
    [InlineData("VEVENT", "X-EVIL", false)]
    [InlineData("VTODO", "COMPLETED", true)]
    [InlineData("VTODO", "IN-PROCESS", true)]
    [InlineData("VTODO", "X-EVIL", false)]
    public void Only_participation_states_valid_for_the_component_are_stored(string component, string answer, bool counts)
    {
        var stored = Of(Component(Times.Replace("DTEND", component == "VTODO" ? "DUE" : "DTEND", StringComparison.Ordinal) + "\n" + People()).Replace("VEVENT", component, StringComparison.Ordinal));
        var reply = Received("REPLY", Component(Organizer + Attendee("bob", answer)).Replace("VEVENT", component, StringComparison.Ordinal));
        Assert.Equal(counts, ToAlice(reply, stored) is ItipOutcome.Changed);
    }

    [Fact]
    public void A_task_neither_replies_to_nor_replaces_an_event()
    {
        var reply = Received("REPLY", Component(Organizer + Attendee("bob", "ACCEPTED")).Replace("VEVENT", "VTODO", StringComparison.Ordinal));
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToAlice(reply, Weeks)).IsRefusal);
        var request = Received("REQUEST", Component(People(), 5).Replace("VEVENT", "VTODO", StringComparison.Ordinal));
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToBob(request, Weeks)).IsRefusal);
    }

    [Theory]
    [InlineData("ORGANIZER:mailto:alice@a.test\nORGANIZER:mailto:mallory@m.test")]
    [InlineData("ORGANIZER:urn:uuid:1")]
    [InlineData("SUMMARY:none")]
    public void A_message_must_have_exactly_one_organizer(string lines) =>
        Assert.Throws<ArgumentException>(() => Received("REQUEST", Component(Times + "\n" + lines + "\n" + Attendee("bob"))));

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("REQUEST,REPLY")]
    [InlineData("")]
    public void Methods_must_be_known_names(string method) => Assert.Throws<ArgumentException>(() => Received(method, Component(Times + "\n" + People())));

    [Fact]
    public void A_cancellation_for_other_attendees_keeps_the_copy()
    {
        Assert.IsType<ItipOutcome.Ignored>(ToBob(Received("CANCEL", Component(Organizer + Attendee("carol"), 3)), Weeks));
        Assert.IsType<ItipOutcome.Changed>(ToBob(Received("CANCEL", Component(Organizer + Attendee("bob"), 3)), Weeks));
        Assert.IsType<ItipOutcome.Changed>(ToBob(Received("CANCEL", Component(Organizer + "SUMMARY:x", 3)), Weeks));
    }

    [Fact]
    public void A_request_without_the_attendee_keeps_the_copy() =>
        Assert.IsType<ItipOutcome.Ignored>(ToBob(Received("REQUEST", Component(Weekly + "\n" + Organizer + Attendee("carol"), 3)), Weeks));

    [Fact]
    public void A_message_older_than_a_client_made_copy_is_outdated()
    {
        var copy = Of(Component(Weekly + "\n" + People(), 4).Replace("20261001", "20261005", StringComparison.Ordinal));
        var late = Received("REQUEST", Component(Times + "\nSUMMARY:old\n" + People(), 3));
        Assert.IsType<ItipOutcome.Ignored>(ToBob(late, copy));
        Assert.IsType<ItipOutcome.Changed>(ToBob(late, copy, new ItipRevision(2, 0)));
    }

    [Fact]
    public void The_stored_organizer_cannot_be_replaced()
    {
        var handed = Received("REQUEST", Component(Weekly + "\n" + People().Replace("ORGANIZER;CN=Alice:mailto:alice@a.test", "ORGANIZER:mailto:mallory@m.test", StringComparison.Ordinal), 9));
        Assert.False(handed.IsAuthorizedSender(Alice));
        Assert.True(Assert.IsType<ItipOutcome.Ignored>(ToBob(handed, Weeks)).IsRefusal);
    }

    private static ReceivedItipMessage OfDelegate(string stamp) =>
        Received("REPLY", Component(Organizer + Attendee("carol", "ACCEPTED", ";DELEGATED-FROM=\"mailto:bob@b.test\"")).Replace("20261001T000000Z", stamp, StringComparison.Ordinal));
}
