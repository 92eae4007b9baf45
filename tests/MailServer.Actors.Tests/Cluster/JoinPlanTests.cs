using Akka.Actor;
using MailServer.Actors.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>What a starting node does: it joins the cluster that the database names, and forms one only when there is none.</summary>
public sealed class JoinPlanTests
{
    private static readonly Address Self = Address.Parse("akka.ssl.tcp://mailserver@a:2551");
    private static readonly Address Other = Address.Parse("akka.ssl.tcp://mailserver@b:2551");
    private static readonly Address Third = Address.Parse("akka.ssl.tcp://mailserver@c:2551");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_node_joins_only_the_cluster_that_the_database_names()
    {
        var plan = Plan(Self, Other);
        Assert.Equal([Third], Joined(plan.Next(answered: true, Third)));
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(Second);
            var step = plan.Next(answered: true, Third);
            if (step is JoinStep.Join join) Assert.Equal([Third], join.Nodes);
            else Assert.IsType<JoinStep.Wait>(step);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_contacts_the_other_seeds_first_and_then_forms_a_cluster_wherever_it_is_in_the_list(bool isFirst)
    {
        var plan = isFirst ? Plan(Self, Other) : Plan(Other, Self);
        Assert.Equal([Other], Joined(plan.Next(answered: true, null)));
        _time.Advance(Second);
        Assert.IsType<JoinStep.Wait>(plan.Next(answered: true, null));
        _time.Advance(JoinPlan.PeerTimeout);
        Assert.IsType<JoinStep.FoundCluster>(plan.Next(answered: true, null));
        Assert.IsType<JoinStep.FoundCluster>(plan.Next(answered: true, null));
    }

    [Fact]
    public void A_single_node_forms_a_cluster_at_once() => Assert.IsType<JoinStep.FoundCluster>(Plan(Self).Next(answered: true, null));

    [Fact]
    public void Without_an_answer_of_the_database_a_node_contacts_the_others_and_forms_no_cluster()
    {
        var plan = Plan(Self, Other);
        for (var i = 0; i < 200; i++)
        {
            Assert.IsNotType<JoinStep.FoundCluster>(plan.Next(answered: false, null));
            _time.Advance(Second);
        }

        // Observations from before the database outage do not count.
        Assert.IsNotType<JoinStep.FoundCluster>(plan.Next(answered: true, null));
    }

    [Fact]
    public void A_record_that_reappears_restarts_the_wait()
    {
        var plan = Plan(Self, Other);
        plan.Next(answered: true, null);
        _time.Advance(JoinPlan.PeerTimeout);
        Assert.Equal([Third], Joined(plan.Next(answered: true, Third)));
        Assert.IsNotType<JoinStep.FoundCluster>(plan.Next(answered: true, null));
    }

    [Fact]
    public void A_node_waits_until_the_record_of_its_previous_run_expires()
    {
        var plan = Plan(Self, Other);
        for (var i = 0; i < 20; i++)
        {
            Assert.IsNotType<JoinStep.FoundCluster>(plan.Next(answered: true, Self));
            _time.Advance(Second);
        }
    }

    [Fact]
    public void A_node_that_refuses_the_join_is_contacted_again()
    {
        var plan = Plan(Self, Other);
        Joined(plan.Next(answered: true, Other));
        _time.Advance(JoinPlan.RetryInterval);
        Assert.Equal([Other], Joined(plan.Next(answered: true, Other)));
    }

    private static IReadOnlyList<Address> Joined(JoinStep step) => Assert.IsType<JoinStep.Join>(step).Nodes;

    private JoinPlan Plan(params Address[] seeds) => new(Self, seeds, _time);
}
