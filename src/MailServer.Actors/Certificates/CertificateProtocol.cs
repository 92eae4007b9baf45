using MailServer.Domain.Certificates;
using MailServer.Network.Acme;

namespace MailServer.Actors.Certificates;

/// <summary>What is asked of the certificate actor.</summary>
public static class CertificateProtocol
{
    /// <summary>Answered with <see cref="Shown"/>.</summary>
    public sealed record Show;

    public sealed record Shown(IReadOnlyList<CertificateStatus> Certificates);

    /// <summary>Order this certificate (null: all) now, whatever its age and its last failure. Answered with <see cref="Renewing"/>.</summary>
    public sealed record Renew(string? Name);

    /// <summary>How many certificates will be ordered; none: the name is not managed.</summary>
    public sealed record Renewing(int Count);

    /// <summary>There is a new certificate in the folder that all nodes see.</summary>
    internal sealed record Issued(string Name);

    /// <summary>Prove a name on the node that is told. Answered with <see cref="Presented"/>.</summary>
    internal sealed record Present(ChallengeAnswer Answer);

    /// <summary>Whoever looks at this node finds the proof.</summary>
    internal sealed record Presented
    {
        public static Presented Instance { get; } = new();
    }

    /// <summary>The proof is not needed any more.</summary>
    internal sealed record Withdraw(ChallengeAnswer Answer);
}

/// <summary>A name, the certificate that is shown for it, and how its renewal stands.</summary>
public sealed record CertificateStatus(string Name, CertificateFacts? Facts)
{
    /// <summary>Where certificates come from: an authority's directory, <c>file</c> or <c>self-signed</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>When it will be renewed.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>Why the last order failed; empty when it did not.</summary>
    public string Failure { get; init; } = "";

    public DateTimeOffset? FailedAt { get; init; }

    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>What went wrong with the last order, and when the next is; null when nothing did.</summary>
    public string? Trouble => Failure.Length == 0
        ? null
        : $"the last order failed{At(" at ", FailedAt)}: {Failure}{At("; the next try is at ", NextAttempt)}";

    private static string At(string words, DateTimeOffset? time) =>
        time is { } at ? words + at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture) : "";
}
