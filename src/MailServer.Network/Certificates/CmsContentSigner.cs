using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Signs downloads for clients, such as configuration profiles, with the server's certificate (CMS, RFC 5652 §5).</summary>
public static class CmsContentSigner
{
    /// <summary>Returns the signed content with the certificate chain.</summary>
    public static byte[] Sign(byte[] content, ServerCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var signed = new SignedCms(new ContentInfo(content));
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate.Certificate)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1", "SHA-256"),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        signer.Certificates.AddRange(certificate.Intermediates);
        signed.ComputeSignature(signer, silent: true);
        return signed.Encode();
    }
}
