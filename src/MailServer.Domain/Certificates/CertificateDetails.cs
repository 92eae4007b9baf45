namespace MailServer.Domain.Certificates;

/// <summary>The properties of a certificate that status displays and checks use.</summary>
/// <param name="Names">Host names for which the certificate is valid.</param>
/// <param name="Issuer">Name of the issuer.</param>
/// <param name="SelfSigned">True if the certificate is self-signed.</param>
/// <param name="NotBefore">Start of the validity period.</param>
/// <param name="NotAfter">End of the validity period.</param>
/// <param name="Key">Algorithm and size of the key.</param>
/// <param name="Fingerprint">SHA-256 of the certificate, in hexadecimal.</param>
/// <param name="KeyHash">SHA-256 of the public key, in hexadecimal: the data of a TLSA record <c>3 1 1</c> (RFC 6698 §2.1).</param>
public sealed record CertificateDetails(
    IReadOnlyList<string> Names, string Issuer, bool SelfSigned, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Key, string Fingerprint, string KeyHash);
