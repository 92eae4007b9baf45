using MailServer.Domain.Timing;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;

namespace MailServer.Actors.Certificates;

/// <summary>The renewal state of one name's certificate. Pure: callers pass the time.</summary>
internal sealed class ManagedCertificate(string name)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);
    private static readonly TimeSpan AskWindow = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestLimit = TimeSpan.FromDays(7);
    private readonly ExponentialBackoff _orders = new(FirstWait, LongestWait);
    private readonly ExponentialBackoff _questions = new(FirstWait, AskWindow);
    private DateTimeOffset _askWindowAt;

    public string Name => name;

    public ServerCertificate? Current { get; private set; }

    public DateTimeOffset RenewAt { get; private set; }

    public DateTimeOffset? NextAttempt { get; private set; }

    public string Failure { get; private set; } = "";

    public DateTimeOffset? FailedAt { get; private set; }

    /// <summary>
    /// Sets the current certificate. Until the authority suggests a renewal window, it is renewed when a third of its lifetime is left, or half of a short
    /// lifetime.
    /// </summary>
    public void Take(ServerCertificate certificate, double chance)
    {
        const int ShortDays = 10;
        const double Spread = 0.03;
        Current = certificate;
        var facts = CertificateReader.Of(certificate);
        var life = facts.NotAfter - facts.NotBefore;
        var left = life.TotalDays <= ShortDays ? 0.5 : 1.0 / 3;
        RenewAt = facts.NotAfter - (life * (left + (Spread * chance)));
        _askWindowAt = DateTimeOffset.MinValue;
        _orders.Reset();
        _questions.Reset();
        NextAttempt = null;
        Failure = "";
        FailedAt = null;
    }

    /// <summary>RFC 9773 §4.2: renews at a random moment of the window, or at once if the window has passed.</summary>
    public void Take(RenewalWindow? window, DateTimeOffset now, double chance)
    {
        _questions.Reset();
        var again = window?.AskAgain is { } said && said > TimeSpan.FromMinutes(1) ? said : AskWindow;
        _askWindowAt = now + (again < LongestLimit ? again : LongestLimit);
        if (window is null) return;
        var moment = window.Start + ((window.End - window.Start) * chance);
        // When the window is queried again, the chosen moment stays if it is still inside the window.
        if (RenewAt < window.Start || RenewAt > window.End) RenewAt = moment;
    }

    /// <summary>Keeps the current certificate and schedules the next attempt with exponential back-off, never earlier than the authority's Retry-After.</summary>
    public void Fail(string reason, TimeSpan? retryAfter, DateTimeOffset now)
    {
        var wait = _orders.Next();
        if (retryAfter > wait) wait = retryAfter.Value < LongestLimit ? retryAfter.Value : LongestLimit;
        Failure = reason;
        FailedAt = now;
        NextAttempt = now + wait;
    }

    /// <summary>The renewal window query failed. Until the next query, the certificate's own dates decide.</summary>
    public void FailWindowQuery(DateTimeOffset now) => _askWindowAt = now + _questions.Next();

    /// <summary>Clears the back-off after a manual renewal request.</summary>
    public void RenewNow()
    {
        RenewAt = DateTimeOffset.MinValue;
        NextAttempt = null;
    }

    public bool IsDue(DateTimeOffset now) => (Current is null || RenewAt <= now) && (NextAttempt is not { } next || StoredTime.IsDue(next, now, LongestLimit));

    public bool IsWindowQueryDue(DateTimeOffset now) => Current is not null && StoredTime.IsDue(_askWindowAt, now, LongestLimit);

    public CertificateStatus Describe(Uri authority) => new(name, Current is null ? null : CertificateReader.Of(Current))
    {
        Source = authority.AbsoluteUri,
        RenewAt = Current is null ? null : RenewAt,
        Failure = Failure,
        FailedAt = FailedAt,
        NextAttempt = NextAttempt,
    };
}
