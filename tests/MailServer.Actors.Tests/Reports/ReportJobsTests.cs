using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Reports;
using MailServer.Domain.Reports;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Reports;

public sealed class ReportJobsTests : TestKit
{
    private static readonly PendingReport About = new(ReportKind.Dmarc, new DateOnly(2026, 3, 4), "d.test", Messages: 1);

    private readonly FakeTimeProvider _clock = new();
    private readonly ReportJobs _jobs;

    public ReportJobsTests() => _jobs = new ReportJobs(most: 2, _clock);

    [Fact]
    public void A_report_is_known_until_its_sender_ends_whatever_its_count_of_messages()
    {
        var more = About with { Messages = 5 };
        Assert.False(_jobs.Contains(more));
        _jobs.Add(new ReportJob(About, DryRun: false, null));
        Assert.True(_jobs.Contains(more));
        Assert.True(_jobs.TryTake(out var job));
        _jobs.Started(TestActor, job);
        Assert.True(_jobs.Contains(more));
        Assert.True(_jobs.TryEnd(TestActor, out var ended));
        Assert.Same(job, ended);
        Assert.False(_jobs.Contains(more));
        Assert.False(_jobs.TryEnd(TestActor, out _));
    }

    [Fact]
    public void No_more_reports_are_sent_at_a_time_than_allowed_and_the_others_wait_in_order()
    {
        foreach (var domain in (string[])["a.test", "b.test", "c.test"]) _jobs.Add(new ReportJob(About with { Domain = domain }, DryRun: false, null));
        IActorRef[] senders = [CreateTestProbe(), CreateTestProbe()];
        foreach (var (sender, domain) in senders.Zip((string[])["a.test", "b.test"]))
        {
            Assert.True(_jobs.TryTake(out var job));
            Assert.Equal(domain, job.About.Domain);
            _jobs.Started(sender, job);
        }

        Assert.False(_jobs.TryTake(out _));
        _jobs.TryEnd(senders[1], out _);
        Assert.True(_jobs.TryTake(out var last));
        Assert.Equal("c.test", last.About.Domain);
    }

    [Fact]
    public void A_failed_report_is_tried_again_after_an_hour()
    {
        Assert.True(_jobs.MayTry(About));
        _jobs.RetryLater(About);
        _clock.Advance(TimeSpan.FromMinutes(59));
        _jobs.ForgetOldRetries();
        Assert.False(_jobs.MayTry(About with { Messages = 2 }));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_jobs.MayTry(About));
    }
}
