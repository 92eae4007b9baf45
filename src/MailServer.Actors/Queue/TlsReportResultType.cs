using MailServer.Network.Tls;

namespace MailServer.Actors.Queue;

/// <summary>The result types of RFC 8460 §4.3 for connection attempts.</summary>
internal static class TlsReportResultType
{
    public const string NotSupported = "starttls-not-supported";
    public const string Other = "validation-failure";

    public static string Of(CertificateFault? fault) => fault switch
    {
        CertificateFault.NotTrusted => "certificate-not-trusted",
        CertificateFault.WrongName => "certificate-host-mismatch",
        CertificateFault.Expired => "certificate-expired",
        CertificateFault.NoTlsaMatch => "tlsa-invalid",
        _ => Other,
    };
}
