using MailServer.Actors.Certificates;
using MailServer.Network.Acme;

namespace MailServer.Actors.Tests.Certificates;

/// <summary>When certificates are renewed, and how long failures delay the next attempt.</summary>
public sealed class ManagedCertificateTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private readonly ManagedCertificate _certificate = new("mail.test");

    [Fact]
    public void A_name_without_a_certificate_is_due_at_once() => Assert.True(_certificate.IsDue(s_now));

    [Fact]
    public void A_certificate_of_ninety_days_is_renewed_when_a_third_is_left()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.False(_certificate.IsDue(s_now.AddDays(58)));
        Assert.True(_certificate.IsDue(s_now.AddDays(60)));
    }

    [Fact]
    public void The_renewal_window_of_the_authority_overrides_the_default_and_the_chosen_time_stays_inside_it()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        var window = new RenewalWindow(s_now.AddDays(10), s_now.AddDays(12), null);
        _certificate.Take(window, s_now, chance: 0.5);
        Assert.Equal(s_now.AddDays(11), _certificate.RenewAt);
        _certificate.Take(window, s_now, chance: 0.9);
        Assert.Equal(s_now.AddDays(11), _certificate.RenewAt);
        // A revocation moves it forward (RFC 9773 §4.2).
        _certificate.Take(new RenewalWindow(s_now.AddDays(-2), s_now.AddDays(-1), null), s_now, chance: 0.5);
        Assert.True(_certificate.IsDue(s_now));
    }

    [Fact]
    public void The_renewal_window_is_fetched_again_when_the_authority_says_or_after_six_hours()
    {
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.True(_certificate.AsksForWindow(s_now));
        _certificate.Take(null, s_now, chance: 0);
        Assert.False(_certificate.AsksForWindow(s_now.AddHours(5)));
        Assert.True(_certificate.AsksForWindow(s_now.AddHours(6)));
        _certificate.Take(new RenewalWindow(s_now.AddDays(1), s_now.AddDays(2), TimeSpan.FromHours(1)), s_now, chance: 0);
        Assert.True(_certificate.AsksForWindow(s_now.AddHours(1)));
    }

    [Fact]
    public void The_pause_after_failures_grows_up_to_half_a_day()
    {
        var waits = Enumerable.Range(0, 12).Select(_ =>
        {
            _certificate.Fail("no", null, s_now);
            return (_certificate.NextAttempt!.Value - s_now).TotalMinutes;
        }).ToArray();
        int[] longest = [5, 10, 20, 40, 80, 160, 320, 640, 720, 720, 720, 720];
        Assert.All(longest.Index(), each => Assert.InRange(waits[each.Index], each.Item * 0.8, each.Item));
        Assert.False(_certificate.IsDue(s_now));
        Assert.True(_certificate.IsDue(s_now.AddHours(12)));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(90, 90)]
    [InlineData(1_000_000, 7 * 24 * 60)]
    public void A_retry_time_of_the_authority_is_respected_up_to_a_limit(int wanted, int waited)
    {
        _certificate.Fail("slow down", TimeSpan.FromMinutes(wanted), s_now);
        Assert.InRange(_certificate.NextAttempt!.Value, s_now.AddMinutes(waited * 0.8), s_now.AddMinutes(waited));
    }

    [Fact]
    public void A_clock_that_was_years_ahead_does_not_delay_the_next_attempt()
    {
        _certificate.Fail("no", null, s_now.AddYears(10));
        Assert.True(_certificate.IsDue(s_now));
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        _certificate.Take(null, s_now.AddYears(10), chance: 0);
        Assert.True(_certificate.AsksForWindow(s_now));
    }

    [Fact]
    public void Success_resets_the_failure_count()
    {
        _certificate.Fail("no", null, s_now);
        _certificate.Take(CertificateActorTests.Make("mail.test"), chance: 0);
        Assert.Equal(("", null, null), (_certificate.Failure, _certificate.FailedAt, _certificate.NextAttempt));
    }
}
