using MailServer.Domain.Certificates;
using MailServer.Network.Acme;

namespace MailServer.Actors.Certificates;

/// <summary>Messages of the certificate actor.</summary>
public static class CertificateProtocol
{
    /// <summary>Lists the certificates. Answered with <see cref="Shown"/>.</summary>
    public sealed record Show;

    public sealed record Shown(IReadOnlyList<CertificateStatus> Certificates);

    /// <summary>Orders this certificate (null: all) now, whatever its age and last failure. Answered with <see cref="Renewing"/>.</summary>
    public sealed record Renew(string? Name);

    /// <summary>Number of certificates that will be ordered; 0 when the name is not managed.</summary>
    public sealed record Renewing(int Count);

    /// <summary>A new certificate is in the shared folder.</summary>
    internal sealed record Issued(string Name);

    /// <summary>Presents a challenge answer on the receiving node. Answered with <see cref="Presented"/>.</summary>
    internal sealed record Present(ChallengeAnswer Answer);

    /// <summary>The challenge answer is visible on this node.</summary>
    internal sealed record Presented
    {
        public static Presented Instance { get; } = new();
    }

    /// <summary>The challenge answer is no longer needed.</summary>
    internal sealed record Withdraw(ChallengeAnswer Answer);
}

/// <summary>A name, its current certificate and its renewal status.</summary>
public sealed record CertificateStatus(string Name, CertificateFacts? Facts)
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
