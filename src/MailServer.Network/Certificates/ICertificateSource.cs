namespace MailServer.Network.Certificates;

/// <summary>Where a certificate comes from: a file, a self-signed one, later ACME. Another one may be current at any time; connections keep theirs.</summary>
public interface ICertificateSource
{
    ServerCertificate Current { get; }
}
