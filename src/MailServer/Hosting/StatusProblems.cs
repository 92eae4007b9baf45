using MailServer.Actors.Certificates;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Hosting;

/// <summary>Derives problems for an administrator from the status of a node.</summary>
internal static class StatusProblems
{
    private const int CertificateWarningDays = 14;
    private const double LeastFreeShare = 0.05;
    private static readonly TimeSpan OldMail = TimeSpan.FromHours(24);

    public static IEnumerable<string> Of(StatusDocument status, IReadOnlyList<CertificateStatus> orders, DateTimeOffset now)
    {
        foreach (var order in orders)
            if (order.Trouble is { } trouble) yield return $"certificate {order.Name}: {trouble}";
        foreach (var certificate in status.Certificates)
        {
            var name = certificate.Names.Count > 0 ? certificate.Names[0] : "?";
            if (certificate.DaysLeft < 0) yield return $"the certificate of {name} has expired";
            else if (certificate.DaysLeft < CertificateWarningDays) yield return $"the certificate of {name} expires in {Quantity.Of(certificate.DaysLeft, "day")}";
        }

        if (status.Disk.Free < status.Disk.Total * LeastFreeShare) yield return $"the disk with {status.Disk.Path} is nearly full";
        if (status.Queue.OldestAt is { } oldest && now - oldest > OldMail) yield return "mail has waited in the queue for more than a day; see 'mailserver queue list'";
    }
}
