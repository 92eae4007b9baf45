using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

public sealed class AttendeeChangePlannerTests
{
    private const string Second = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\nDTSTART;TZID=Europe/Berlin:20261208T100000\nDTEND;TZID=Europe/Berlin:20261208T110000\n";

    [Theory]
    [InlineData("ACCEPTED")]
    [InlineData("DECLINED")]
    [InlineData("TENTATIVE")]
    public void A_changed_participation_sends_a_reply_with_only_that_attendee(string answer)
    {
        var plan = Plan(Of(Component(Times + "\n" + People(carol: true), 2)), Of(Component(Times + "\n" + People(answer, carol: true), 2)));
        var reply = Assert.Single(plan.Messages);
        Assert.Equal((ItipMethod.Reply, Bob, Alice), (reply.Method, reply.Sender, reply.Recipient));
        var text = Show(reply.Body);
        Assert.Contains($"ATTENDEE;CN=bob;PARTSTAT={answer}:mailto:bob@b.test\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("carol", text, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:2\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TRANSP:TRANSPARENT")]
    [InlineData("BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM")]
    public void Private_properties_of_the_attendee_may_change_without_a_message(string lines)
    {
        var (old, changed) = (Of(Component(Times + "\n" + People())), Of(Component(Times + "\n" + People() + "\n" + lines)));
        Assert.True(AttendeeChangePlanner.IsAllowed(old, changed));
        Assert.Empty(Plan(old, changed).Messages);
    }

    [Fact]
    public void An_attendee_must_not_change_times_or_organizer()
    {
        var old = Of(Component(Weekly + "\n" + People()));
        Assert.False(AttendeeChangePlanner.IsAllowed(old, null));
        Assert.False(AttendeeChangePlanner.IsAllowed(old, Of(Component(Weekly.Replace("T10", "T09", StringComparison.Ordinal) + "\n" + People()))));
        Assert.False(AttendeeChangePlanner.IsAllowed(old, Of(Component(Weekly + "\n" + People().Replace("ORGANIZER;CN=Alice:mailto:alice", "ORGANIZER:mailto:bob", StringComparison.Ordinal)))));
        Assert.False(AttendeeChangePlanner.IsAllowed(old, Of(Component(Weekly + "\n" + People()), Component(Second.Replace("DTSTART;TZID=Europe/Berlin:20261208T10", "DTSTART;TZID=Europe/Berlin:20261208T08", StringComparison.Ordinal) + People()))));
        Assert.True(AttendeeChangePlanner.IsAllowed(old, Of(Component(Weekly + "\n" + People()), Component(Second + People("DECLINED")))));
    }

    [Fact]
    public void A_reply_may_cover_one_instance()
    {
        var old = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var text = Show(Assert.Single(Plan(old, Of(Component(Weekly + "\n" + People("ACCEPTED")), Component(Second + People("DECLINED")))).Messages).Body);
        Assert.Contains("RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=DECLINED", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PARTSTAT=ACCEPTED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_instance_is_declined()
    {
        var old = Of(Component(Weekly + "\n" + People("ACCEPTED")));
        var text = Show(Assert.Single(Plan(old, Of(Component(Weekly + "\nEXDATE;TZID=Europe/Berlin:20261208T100000\n" + People("ACCEPTED")))).Messages).Body);
        Assert.Contains("RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\n", text, StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=DECLINED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_created_by_a_client_sends_a_reply()
    {
        Assert.Single(Plan(null, Of(Component(Times + "\n" + People("ACCEPTED")))).Messages);
        Assert.Empty(Plan(null, Of(Component(Times + "\n" + People()))).Messages);
    }

    [Fact]
    public void A_removed_copy_declines_everything_not_yet_declined()
    {
        var plan = AttendeeChangePlanner.PlanRemoval(Of(Component(Times + "\n" + People("ACCEPTED"))), Bob, Now);
        Assert.Contains("PARTSTAT=DECLINED", Show(Assert.Single(plan.Messages).Body), StringComparison.Ordinal);
        Assert.Empty(AttendeeChangePlanner.PlanRemoval(Of(Component(Times + "\n" + People("DECLINED"))), Bob, Now).Messages);
        Assert.Empty(AttendeeChangePlanner.PlanRemoval(Of(Component(Times + "\nSTATUS:CANCELLED\n" + People("ACCEPTED"))), Bob, Now).Messages);
    }

    [Fact]
    public void SCHEDULE_AGENT_CLIENT_sends_no_reply()
    {
        var mine = People("ACCEPTED").Replace("ORGANIZER;CN=Alice", "ORGANIZER;SCHEDULE-AGENT=CLIENT", StringComparison.Ordinal);
        Assert.Empty(Plan(null, Of(Component(Times + "\n" + mine))).Messages);
        Assert.Empty(AttendeeChangePlanner.PlanRemoval(Of(Component(Times + "\n" + mine)), Bob, Now).Messages);
    }

    [Fact]
    public void A_forced_reply_is_sent_even_if_unchanged()
    {
        var old = Of(Component(Times + "\n" + People("ACCEPTED")));
        var plan = Plan(old, Of(Component(Times + "\n" + People("ACCEPTED").Replace("ORGANIZER;CN=Alice", "ORGANIZER;SCHEDULE-FORCE-SEND=REPLY", StringComparison.Ordinal))));
        Assert.Single(plan.Messages);
        Assert.DoesNotContain("FORCE", Show(plan.Body!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ORGANIZER;CN=Alice", "REPLY", 1, "")]
    [InlineData("ORGANIZER;CN=Alice", "REQUEST", 0, "")]
    [InlineData("ORGANIZER;CN=Alice", "POLLSTATUS", 0, "2.3")]
    [InlineData("ATTENDEE;CN=bob", "REQUEST", 0, "")]
    [InlineData("ATTENDEE;CN=alice", "X-NEW", 0, "2.3")]
    public void An_order_to_send_is_never_stored(string property, string order, int messages, string status)
    {
        var lines = Times + "\n" + People("ACCEPTED");
        var plan = Plan(Of(Component(lines)), Of(Component(lines.Replace(property, $"{property};SCHEDULE-FORCE-SEND={order}", StringComparison.Ordinal))));
        Assert.Equal(messages, plan.Messages.Count);
        Assert.DoesNotContain("FORCE", Show(plan.Body!), StringComparison.Ordinal);
        Assert.Equal(status.Length > 0, Show(plan.Body!).Contains($"SCHEDULE-STATUS={status}", StringComparison.Ordinal) && status.Length > 0);
        Assert.Equal(status.Length > 0, Show(plan.Body!).Contains("SCHEDULE-STATUS", StringComparison.Ordinal));
    }

    private static SchedulingPlan Plan(SchedulingObject? old, SchedulingObject changed) => AttendeeChangePlanner.Plan(old, changed, Bob, Now);
}
