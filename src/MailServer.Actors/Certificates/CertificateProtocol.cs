using MailServer.Domain.Certificates;
using MailServer.Network.Acme;

namespace MailServer.Actors.Certificates;

/// <summary>Messages of the certificate actor.</summary>
public static class CertificateProtocol
{
    /// <summary>Lists the certificates. Answered with <see cref="CertificateList"/>.</summary>
    public sealed record ListCertificates;

    public sealed record CertificateList(IReadOnlyList<CertificateStatus> Certificates);

    /// <summary>Orders this certificate (null: all) now, whatever its age and last failure. Answered with <see cref="RenewalStarted"/>.</summary>
    public sealed record Renew(string? Name);

    /// <summary>Number of certificates that will be ordered; 0 when the name is not managed.</summary>
    public sealed record RenewalStarted(int Count);

    /// <summary>A new certificate is in the shared folder.</summary>
    internal sealed record CertificateIssued(string Name);

    /// <summary>Presents a challenge answer on the receiving node. Answered with <see cref="ChallengePresented"/>.</summary>
    internal sealed record PresentChallenge(ChallengeAnswer Answer);

    /// <summary>The challenge answer is visible on this node.</summary>
    internal sealed record ChallengePresented
    {
        public static ChallengePresented Instance { get; } = new();
    }

    /// <summary>The challenge answer is no longer needed.</summary>
    internal sealed record WithdrawChallenge(ChallengeAnswer Answer);
}

/// <summary>A name, its current certificate and its renewal status.</summary>
public sealed record CertificateStatus(string Name, CertificateDetails? Facts)
{
    /// <summary>Where the certificate comes from: the authority's directory URL, <c>file</c> or <c>self-signed</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>When it is due for renewal.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>Why the last order failed; empty if it did not.</summary>
    public string Failure { get; init; } = "";

    public DateTimeOffset? FailedAt { get; init; }

    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>The last order's failure and the time of the next attempt; null if it did not fail.</summary>
    public string? Trouble => Failure.Length == 0
        ? null
        : $"the last order failed{At(" at ", FailedAt)}: {Failure}{At("; the next try is at ", NextAttempt)}";

    private static string At(string words, DateTimeOffset? time) =>
        time is { } at ? words + at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture) : "";
}
