using MailServer.Domain.Addresses;

namespace MailServer.Actors.Reports;

/// <summary>
/// The sender of our reports: the configured address, or the postmaster of the nearest hosted parent domain of the host name, so that its DKIM key signs
/// them.
/// </summary>
internal static class ReportFromAddress
{
    public static async Task<EmailAddress> FindAsync(ReportServices services, CancellationToken cancel)
    {
        if (services.Options.From is { } configured) return configured;
        for (var domain = services.Hostname.ToLowerInvariant(); domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (await services.Directory.IsHostedAsync(domain, cancel)) return Postmaster(domain);
        }

        return Postmaster(services.Hostname);
    }

    private static EmailAddress Postmaster(string domain) => EmailAddress.Parse($"postmaster@{domain}");
}
