using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Acme;

/// <summary>How a certificate is named when its renewal is asked for (RFC 9773 §4.1): who issued it, and its serial number.</summary>
internal static class RenewalId
{
    /// <summary>Null when its issuer gave no key identifier.</summary>
    public static string? Of(X509Certificate2 certificate)
    {
        var issuer = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        if (issuer is null) return null;
        // As DER has it: a leading zero where the first bit would make it negative.
        var serial = certificate.SerialNumberBytes.ToArray();
        return $"{Base64Url.EncodeToString(issuer.Value.Span)}.{Base64Url.EncodeToString(serial)}";
    }
}
