using MailServer.Actors.Certificates;
using MailServer.Network.Acme;

namespace MailServer.Actors.Tests.Certificates;

/// <summary>When certificates are renewed, and how long failures delay the next attempt.</summary>
public sealed class ManagedCertificateTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly ManagedCertificate _certificate = new("mail.test");

    [Fact]
    public void A_name_without_a_certificate_is_due_at_once() => Assert.True(_certificate.IsDue(Now));

    [Fact]
    public void A_certificate_of_ninety_days_is_renewed_when_a_third_is_left()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.False(_certificate.IsDue(Now.AddDays(58)));
        Assert.True(_certificate.IsDue(Now.AddDays(60)));
    }

    [Fact]
    public void The_renewal_window_of_the_authority_overrides_the_default_and_the_chosen_time_stays_inside_it()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        var window = new RenewalWindow(Now.AddDays(10), Now.AddDays(12), null);
        _certificate.Take(window, Now, chance: 0.5);
        Assert.Equal(Now.AddDays(11), _certificate.RenewAt);
        _certificate.Take(window, Now, chance: 0.9);
        Assert.Equal(Now.AddDays(11), _certificate.RenewAt);
        // A revocation moves it forward (RFC 9773 §4.2).
        _certificate.Take(new RenewalWindow(Now.AddDays(-2), Now.AddDays(-1), null), Now, chance: 0.5);
        Assert.True(_certificate.IsDue(Now));
    }

    [Fact]
    public void The_renewal_window_is_fetched_again_when_the_authority_says_or_after_six_hours()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.True(_certificate.IsWindowQueryDue(Now));
        _certificate.Take(null, Now, chance: 0);
        Assert.False(_certificate.IsWindowQueryDue(Now.AddHours(5)));
        Assert.True(_certificate.IsWindowQueryDue(Now.AddHours(6)));
        _certificate.Take(new RenewalWindow(Now.AddDays(1), Now.AddDays(2), TimeSpan.FromHours(1)), Now, chance: 0);
        Assert.True(_certificate.IsWindowQueryDue(Now.AddHours(1)));
    }

    [Fact]
    public void The_pause_after_failures_grows_up_to_half_a_day()
    {
        var waits = Enumerable.Range(0, 12).Select(_ =>
        {
            _certificate.Fail("no", null, Now);
            return (_certificate.NextAttempt!.Value - Now).TotalMinutes;
        }).ToArray();
        int[] longest = [5, 10, 20, 40, 80, 160, 320, 640, 720, 720, 720, 720];
        Assert.All(longest.Index(), each => Assert.InRange(waits[each.Index], each.Item * 0.8, each.Item));
        Assert.False(_certificate.IsDue(Now));
        Assert.True(_certificate.IsDue(Now.AddHours(12)));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(90, 90)]
    [InlineData(1_000_000, 7 * 24 * 60)]
    public void A_retry_time_of_the_authority_is_respected_up_to_a_limit(int wanted, int waited)
    {
        _certificate.Fail("slow down", TimeSpan.FromMinutes(wanted), Now);
        Assert.InRange(_certificate.NextAttempt!.Value, Now.AddMinutes(waited * 0.8), Now.AddMinutes(waited));
    }

    [Fact]
    public void A_clock_that_was_years_ahead_does_not_delay_the_next_attempt()
    {
        _certificate.Fail("no", null, Now.AddYears(10));
        Assert.True(_certificate.IsDue(Now));
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        _certificate.Take(null, Now.AddYears(10), chance: 0);
        Assert.True(_certificate.IsWindowQueryDue(Now));
    }

    [Fact]
    public void Success_resets_the_failure_count()
    {
        _certificate.Fail("no", null, Now);
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.Equal(("", null, null), (_certificate.Failure, _certificate.FailedAt, _certificate.NextAttempt));
    }
}
