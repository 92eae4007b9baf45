using MailServer.Actors.Reports;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Network.Outbound;

namespace MailServer.Hosting;

/// <summary>Creates the settings for DMARC and TLS reports from the configuration.</summary>
internal static class ReportSettingsFactory
{
    public static ReportSettings Create(MailServerOptions options, Limits limits, HttpsUploader upload)
    {
        var reports = options.Reports;
        var how = new ReportOptions
        {
            Dmarc = reports.Dmarc,
            Tls = reports.Tls,
            From = reports.From is { } from ? EmailAddress.Parse(from) : null,
            SendAfter = reports.SendAfter,
            SendSpread = reports.SendSpread,
            Keep = reports.Keep,
            ReceiveAt = [.. reports.ReceiveAt.Select(EmailAddress.Parse)],
        };
        return new ReportSettings
        {
            Options = how,
            StorePath = options.Storage.ReportsPath,
            Generator = $"mailserver {BuildVersion.Version.Split('+')[0]}",
            Log = new ReportLog(how, limits),
            Upload = upload.PostAsync,
        };
    }
}
