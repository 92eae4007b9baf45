using MailServer.Actors.Certificates;

namespace MailServer.Web.Pages.Admin;

/// <summary>The certificates in use and the state of their renewal.</summary>
internal static class CertificatesPage
{
    private const string Path = "/admin/certificates";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<CertificatesView, Paged<CertificateStatus>>(
            "Certificates", Paged.Of<CertificateStatus>(await request.Services.Certificates.ListAsync(request.Cancel), request.PageNumber))),
        PageRoute.Post("/admin/certificates/renew", PageAudience.Administrators, static async request =>
            await request.Services.Certificates.RenewAsync(request.Field("name"), request.Cancel) > 0
                ? request.RedirectWithNotice("A new certificate is being ordered. The current one stays in use until it arrives.")
                : throw PageException.Invalid("Nothing was ordered: this certificate does not come from a certificate authority. Replace its file instead."), Path),
    ];
}
