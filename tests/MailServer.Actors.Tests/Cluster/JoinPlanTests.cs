using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Tests.Trust;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>What a node that starts does about the cluster: it joins the one that the database names, and founds one only when there is none.</summary>
public sealed class JoinPlanTests
{
    private static readonly Address s_self = Address.Parse("akka.ssl.tcp://mailserver@a:2551");
    private static readonly Address s_other = Address.Parse("akka.ssl.tcp://mailserver@b:2551");
    private static readonly Address s_third = Address.Parse("akka.ssl.tcp://mailserver@c:2551");
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly SettableTime _time = new();

    [Fact]
    public void It_joins_the_cluster_that_the_database_names_and_no_other()
    {
        var plan = Plan(s_self, s_other);
        Assert.Equal([s_third], Joined(plan.Next(answered: true, s_third)));
        for (var i = 0; i < 100; i++)
        {
            _time.Pass(s_second);
            var step = plan.Next(answered: true, s_third);
            if (step is JoinStep.Join join) Assert.Equal([s_third], join.Nodes);
            else Assert.IsType<JoinStep.Wait>(step);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_place_it_has_among_the_seeds_it_asks_the_others_first_and_then_founds_one(bool isFirst)
    {
        var plan = isFirst ? Plan(s_self, s_other) : Plan(s_other, s_self);
        Assert.Equal([s_other], Joined(plan.Next(answered: true, null)));
        _time.Pass(s_second);
        Assert.IsType<JoinStep.Wait>(plan.Next(answered: true, null));
        _time.Pass(JoinPlan.PeersAnswerWithin);
        Assert.IsType<JoinStep.Found>(plan.Next(answered: true, null));
        Assert.IsType<JoinStep.Found>(plan.Next(answered: true, null));
    }

    [Fact]
    public void Alone_it_founds_one_at_once() => Assert.IsType<JoinStep.Found>(Plan(s_self).Next(answered: true, null));

    [Fact]
    public void While_the_database_does_not_answer_it_asks_the_others_and_founds_none()
    {
        var plan = Plan(s_self, s_other);
        for (var i = 0; i < 200; i++)
        {
            Assert.IsNotType<JoinStep.Found>(plan.Next(answered: false, null));
            _time.Pass(s_second);
        }

        // What was seen before the database was away does not count.
        Assert.IsNotType<JoinStep.Found>(plan.Next(answered: true, null));
    }

    [Fact]
    public void A_note_that_comes_back_begins_the_wait_anew()
    {
        var plan = Plan(s_self, s_other);
        plan.Next(answered: true, null);
        _time.Pass(JoinPlan.PeersAnswerWithin);
        Assert.Equal([s_third], Joined(plan.Next(answered: true, s_third)));
        Assert.IsNotType<JoinStep.Found>(plan.Next(answered: true, null));
    }

    [Fact]
    public void The_note_of_its_own_earlier_life_is_waited_for()
    {
        var plan = Plan(s_self, s_other);
        for (var i = 0; i < 20; i++)
        {
            Assert.IsNotType<JoinStep.Found>(plan.Next(answered: true, s_self));
            _time.Pass(s_second);
        }
    }

    [Fact]
    public void A_node_that_does_not_let_it_in_is_asked_again()
    {
        var plan = Plan(s_self, s_other);
        Joined(plan.Next(answered: true, s_other));
        _time.Pass(JoinPlan.AskAgain);
        Assert.Equal([s_other], Joined(plan.Next(answered: true, s_other)));
    }

    private static IReadOnlyList<Address> Joined(JoinStep step) => Assert.IsType<JoinStep.Join>(step).Nodes;

    private JoinPlan Plan(params Address[] seeds) => new(s_self, seeds, _time);
}
