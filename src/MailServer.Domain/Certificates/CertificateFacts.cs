namespace MailServer.Domain.Certificates;

/// <summary>What an administrator wants to know of a certificate.</summary>
/// <param name="Names">The host names it is for.</param>
/// <param name="Issuer">Who vouches for it.</param>
/// <param name="SelfSigned">Nobody but itself.</param>
/// <param name="NotBefore">When it began.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="Key">Kind and size of its key.</param>
/// <param name="Fingerprint">SHA-256 of it, in hexadecimal.</param>
/// <param name="KeyHash">SHA-256 of its public key: the data of a TLSA record <c>3 1 1</c> (RFC 6698 §2.1).</param>
public sealed record CertificateFacts(
    IReadOnlyList<string> Names, string Issuer, bool SelfSigned, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Key, string Fingerprint, string KeyHash);
