using MailServer.Network.Certificates;

namespace MailServer.Actors.Certificates;

/// <summary>What listeners show of the certificates that there are.</summary>
internal static class ShownCertificates
{
    /// <param name="services">Where they are shown.</param>
    /// <param name="certificates">One for each name, null where there is none yet; the first name's is shown to who asks for none.</param>
    public static void Use(CertificateServices services, IReadOnlyList<ServerCertificate?> certificates)
    {
        ICertificateSource[] issued = [.. certificates.OfType<ServerCertificate>().Select(static c => new FixedCertificate(c))];
        services.Selector.Use(certificates is [not null, ..] ? [.. issued, services.Fallback] : [services.Fallback, .. issued]);
    }
}
