namespace MailServer.Network.Certificates;

/// <summary>The PEM files of a certificate and its key.</summary>
/// <param name="Certificate">PEM file with the server's certificate, followed by the rest of its chain.</param>
/// <param name="Key">PEM file with the private key.</param>
/// <param name="Host">The host name that clients connect to.</param>
public sealed record CertificateFiles(string Certificate, string Key, string Host)
{
    /// <summary>Loads the files as the server does at start.</summary>
    /// <exception cref="CertificateException">The files cannot be used; the message has the reason.</exception>
    public void Verify() => PemCertificate.Load(Certificate, Key);
}
