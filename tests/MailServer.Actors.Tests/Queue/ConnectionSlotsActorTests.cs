using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Queue;

namespace MailServer.Actors.Tests.Queue;

/// <summary>The bound of a node's outbound connections.</summary>
public sealed class ConnectionSlotsActorTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Requests_beyond_the_bound_wait_in_order_for_a_release()
    {
        var slots = Sys.ActorOf(ConnectionSlotsActor.Props(1));
        var (first, second, third) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        foreach (var probe in (TestProbe[])[first, second, third]) slots.Tell(ConnectionSlotsActor.Request.Instance, probe);
        first.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        second.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        slots.Tell(ConnectionSlotsActor.Release.Instance, first);
        second.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        third.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void The_slots_and_requests_of_a_stopped_destination_are_dropped()
    {
        var slots = Sys.ActorOf(ConnectionSlotsActor.Props(1));
        var (holder, waiting, last) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        foreach (var probe in (TestProbe[])[holder, waiting, last]) slots.Tell(ConnectionSlotsActor.Request.Instance, probe);
        holder.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        Sys.Stop(waiting);
        Sys.Stop(holder);
        last.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
    }

    [Fact]
    public void A_release_without_a_slot_does_not_raise_the_bound()
    {
        var slots = Sys.ActorOf(ConnectionSlotsActor.Props(1));
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        slots.Tell(ConnectionSlotsActor.Release.Instance, second);
        slots.Tell(ConnectionSlotsActor.Request.Instance, first);
        first.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        slots.Tell(ConnectionSlotsActor.Request.Instance, second);
        second.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_destination_that_reconnects_before_its_old_connection_is_closed_holds_two_slots()
    {
        var slots = Sys.ActorOf(ConnectionSlotsActor.Props(2));
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        slots.Tell(ConnectionSlotsActor.Request.Instance, first);
        slots.Tell(ConnectionSlotsActor.Request.Instance, first);
        slots.Tell(ConnectionSlotsActor.Request.Instance, second);
        first.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        first.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
        second.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        slots.Tell(ConnectionSlotsActor.Release.Instance, first);
        second.ExpectMsg<ConnectionSlotsActor.Granted>(Patience);
    }
}
