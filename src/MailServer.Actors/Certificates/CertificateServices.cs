using MailServer.Domain.Health;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Certificates;

/// <summary>Dependencies of the certificate actor.</summary>
public sealed record CertificateServices
{
    /// <summary>Returns the names that need a certificate; called periodically.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<string>>> Names { get; init; }

    public required ICertificateIssuer Issuer { get; init; }

    /// <summary>
    /// A staging authority that tests the first order of a name, so that a mistake does not use up the rate limits of the real one; null: no rehearsal.
    /// </summary>
    public ICertificateIssuer? StagingIssuer { get; init; }

    /// <summary>Loads the stored certificate of a name.</summary>
    public required Func<string, ServerCertificate?> LoadStored { get; init; }

    /// <summary>Used for names that have no certificate yet.</summary>
    public required ICertificateSource Fallback { get; init; }

    /// <summary>The certificates used by listeners.</summary>
    public required CertificateSelector Selector { get; init; }

    /// <summary>Called after each new certificate; in a cluster it notifies the other nodes.</summary>
    public Action<string> OnIssued { get; init; } = static _ => { };

    /// <summary>Presents challenges on all nodes of a cluster; null when only the ordering node needs to.</summary>
    public ClusterChallengeSolver? Challenges { get; init; }

    /// <summary>Conditions that an administrator must repair.</summary>
    public required NodeProblems Problems { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Returns a random number from 0 to 1 that selects the renewal time within the window.</summary>
    public required Func<double> RandomFraction { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
