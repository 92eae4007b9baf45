namespace MailServer.Network.Certificates;

/// <summary>A certificate from files.</summary>
/// <param name="Certificate">PEM: the server's certificate, then the rest of its chain.</param>
/// <param name="Key">PEM: its private key.</param>
/// <param name="Host">The name that clients connect to.</param>
public sealed record CertificateFiles(string Certificate, string Key, string Host)
{
    /// <summary>Reads them as a start does.</summary>
    /// <exception cref="CertificateException">They cannot be used; the message says why.</exception>
    public void Verify() => PemCertificate.Load(Certificate, Key);
}
