using MailServer.Network.Certificates;

namespace MailServer.Actors.Certificates;

/// <summary>Publishes the available certificates to the listeners.</summary>
internal static class CertificatePublisher
{
    /// <param name="services">Dependencies.</param>
    /// <param name="certificates">One for each name, null if there is none yet. The first name's certificate is the default for clients without SNI.</param>
    public static void Publish(CertificateServices services, IReadOnlyList<ServerCertificate?> certificates)
    {
        ICertificateSource[] issued = [.. certificates.OfType<ServerCertificate>().Select(static c => new FixedCertificate(c))];
        services.Selector.Use(certificates is [not null, ..] ? [.. issued, services.Fallback] : [services.Fallback, .. issued]);
    }
}
