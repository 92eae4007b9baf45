using System.Globalization;
using MailServer.Actors.Certificates;
using MailServer.Web.Admin;

namespace MailServer.Hosting;

/// <summary>What an administrator should look at, in words, from the state of a node.</summary>
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
            else if (certificate.DaysLeft < CertificateWarningDays) yield return string.Create(CultureInfo.InvariantCulture, $"the certificate of {name} ends in {certificate.DaysLeft} days");
        }

        if (status.Disk.Free < status.Disk.Total * LeastFreeShare) yield return $"the disk of {status.Disk.Path} is nearly full";
        if (status.Queue.OldestAt is { } oldest && now - oldest > OldMail) yield return "mail has waited in the queue for more than a day; see 'mailserver queue list'";
    }
}
