using MailServer.Domain.Health;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Certificates;

/// <summary>What the certificate actor works with.</summary>
public sealed record CertificateServices
{
    /// <summary>The names that must have a certificate, asked again now and then.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<string>>> Names { get; init; }

    public required ICertificateIssuer Issuer { get; init; }

    /// <summary>Where the first order of a name is tried out, so that a mistake does not use up the real authority's patience; null: not at all.</summary>
    public ICertificateIssuer? Rehearsal { get; init; }

    /// <summary>The certificate of a name that is kept on the disk.</summary>
    public required Func<string, ServerCertificate?> Kept { get; init; }

    /// <summary>Shown for names that have none yet.</summary>
    public required ICertificateSource Fallback { get; init; }

    /// <summary>Where listeners look.</summary>
    public required CertificateSelector Selector { get; init; }

    /// <summary>Told of each new one; in a cluster the other nodes show it too.</summary>
    public Action<string> Issued { get; init; } = static _ => { };

    /// <summary>What proves names on all nodes of a cluster; null: only the node that orders needs to.</summary>
    public SharedChallenges? Challenges { get; init; }

    /// <summary>Where what an administrator must repair is reported.</summary>
    public required NodeProblems Problems { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>From 0 to 1: when in its window a certificate is renewed.</summary>
    public required Func<double> Chance { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
