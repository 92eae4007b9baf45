using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>A certificate authority. One request at a time.</summary>
public interface ICertificateIssuer
{
    Uri Directory { get; }

    /// <summary>Orders and stores a certificate for <paramref name="name"/>; <paramref name="replaces"/> is the certificate being renewed, if any.</summary>
    /// <exception cref="AcmeException">No certificate was issued.</exception>
    Task<ServerCertificate> IssueAsync(string name, X509Certificate2? replaces, CancellationToken cancel);

    /// <summary>Orders a certificate and discards it, to test the configuration.</summary>
    /// <exception cref="AcmeException">The order failed.</exception>
    Task RehearseAsync(string name, CancellationToken cancel);

    /// <summary>The authority's suggested renewal window for <paramref name="certificate"/> (RFC 9773); null when it gives none.</summary>
    /// <exception cref="AcmeException">The query failed.</exception>
    Task<RenewalWindow?> RenewalWindowAsync(X509Certificate2 certificate, CancellationToken cancel);
}
