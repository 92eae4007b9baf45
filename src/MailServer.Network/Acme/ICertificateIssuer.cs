using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>An authority that gives certificates, as seen by who asks for them. One question at a time.</summary>
public interface ICertificateIssuer
{
    Uri Directory { get; }

    /// <summary>Orders a certificate for <paramref name="name"/> and keeps it; <paramref name="replaces"/> is the one that it renews, if any.</summary>
    /// <exception cref="AcmeException">It was not issued.</exception>
    Task<ServerCertificate> IssueAsync(string name, X509Certificate2? replaces, CancellationToken cancel);

    /// <summary>Orders a certificate and throws it away: whether all is set up.</summary>
    /// <exception cref="AcmeException">It is not.</exception>
    Task RehearseAsync(string name, CancellationToken cancel);

    /// <summary>When the authority wants <paramref name="certificate"/> to be renewed (RFC 9773); null when it says nothing of that.</summary>
    /// <exception cref="AcmeException">It cannot be asked.</exception>
    Task<RenewalWindow?> RenewalWindowAsync(X509Certificate2 certificate, CancellationToken cancel);
}
