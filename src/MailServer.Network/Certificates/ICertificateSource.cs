namespace MailServer.Network.Certificates;

/// <summary>Provides a certificate: from files, self-signed or from ACME. The current certificate may change at any time; existing connections keep theirs.</summary>
public interface ICertificateSource
{
    ServerCertificate Current { get; }
}

/// <summary>A certificate that never changes; to replace it, replace its source.</summary>
public sealed class FixedCertificate(ServerCertificate certificate) : ICertificateSource
{
    public ServerCertificate Current { get; } = certificate;
}
