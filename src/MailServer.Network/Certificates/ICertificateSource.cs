namespace MailServer.Network.Certificates;

/// <summary>Where a certificate comes from: a file, a self-signed one, ACME. Another one may be current at any time; connections keep theirs.</summary>
public interface ICertificateSource
{
    ServerCertificate Current { get; }
}

/// <summary>A certificate that another one replaces only by replacing its source.</summary>
public sealed class FixedCertificate(ServerCertificate certificate) : ICertificateSource
{
    public ServerCertificate Current { get; } = certificate;
}
