using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Acme;

/// <summary>The identifier of a certificate in renewal information requests (RFC 9773 §4.1): issuer key identifier and serial number.</summary>
internal static class RenewalId
{
    /// <summary>Null when the certificate has no authority key identifier.</summary>
    public static string? Of(X509Certificate2 certificate)
    {
        var issuer = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        if (issuer is null) return null;
        // DER encoding: a leading zero if the first bit would make the number negative.
        var serial = certificate.SerialNumberBytes.ToArray();
        return $"{Base64Url.EncodeToString(issuer.Value.Span)}.{Base64Url.EncodeToString(serial)}";
    }
}
