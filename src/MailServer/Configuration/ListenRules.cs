using System.Globalization;
using System.Net;

namespace MailServer.Configuration;

/// <summary>The addresses and ports that the server listens on, and the rules against duplicates and overlaps.</summary>
internal static class ListenRules
{
    /// <summary>Every list of listening addresses, with its key.</summary>
    public static IEnumerable<(string Key, IReadOnlyList<IPAddress> Addresses)> Lists(MailServerOptions options)
    {
        yield return ("server.listen", options.Server.Listen);
        if (options.Admin.IsServed) yield return ("admin.listen", options.Admin.Listen);
        if (options.Cluster.Enabled) yield return ("cluster.listen", [options.Cluster.Listen]);
    }

    /// <summary>Every listening port, with its key.</summary>
    public static IEnumerable<(string Key, int Port, IReadOnlyList<IPAddress> Addresses)> Ports(MailServerOptions options)
    {
        var server = options.Server;
        (string Key, int Port, IReadOnlyList<IPAddress> Addresses)[] ports =
        [
            ("server.smtp_port", server.SmtpPort, server.Listen), ("server.submission_port", server.SubmissionPort, server.Listen),
            ("server.smtps_port", server.SmtpsPort, server.Listen), ("server.imap_port", server.ImapPort, server.Listen),
            ("server.imaps_port", server.ImapsPort, server.Listen), ("server.managesieve_port", server.ManagesievePort, server.Listen),
            ("server.managesieves_port", server.ManagesievesPort, server.Listen), ("server.dav_port", server.DavPort, server.Listen),
            ("server.http_port", server.HttpPort, server.Listen), ("server.https_port", server.HttpsPort, server.Listen),
            ("admin.port", options.Admin.Enabled ? options.Admin.Port : 0, options.Admin.Listen),
            ("cluster.port", options.Cluster.Enabled ? options.Cluster.Port : 0, [options.Cluster.Listen]),
        ];
        return ports.Where(static p => p.Port != 0);
    }

    public static void CheckAddresses(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        foreach (var (key, addresses) in Lists(options))
        {
            for (var i = 1; i < addresses.Count; i++)
            {
                var before = addresses.Take(i).FirstOrDefault(a => Overlap(a, addresses[i]));
                if (before is null) continue;
                if (before.Equals(addresses[i])) add(key, $"lists {Name(before)} twice: keep one");
                else add(key, $"{Name(before)} and {Name(addresses[i])} overlap: keep one");
            }
        }
    }

    public static void CheckPorts(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var used = new List<(string Key, int Port, IReadOnlyList<IPAddress> Addresses)>();
        foreach (var port in Ports(options))
        {
            var clash = used.Find(u => u.Port == port.Port && u.Addresses.Any(a => port.Addresses.Any(b => Overlap(a, b))));
            if (clash.Key is not null) add(port.Key, string.Create(CultureInfo.InvariantCulture, $"port {port.Port} is already used by {clash.Key}"));
            used.Add(port);
        }
    }

    /// <summary>Whether a socket on one address would receive connections for the other. <c>::</c> includes IPv4.</summary>
    private static bool Overlap(IPAddress a, IPAddress b)
    {
        (a, b) = (Plain(a), Plain(b));
        if (a.Equals(IPAddress.IPv6Any) || b.Equals(IPAddress.IPv6Any) || a.Equals(b)) return true;
        return a.AddressFamily == b.AddressFamily && (a.Equals(IPAddress.Any) || b.Equals(IPAddress.Any));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>An address in a message.</summary>
    public static string Name(IPAddress address) =>
        address.Equals(IPAddress.IPv6Any) ? "'*' (or '::', every address)" : address.Equals(IPAddress.Any) ? "'0.0.0.0' (every IPv4 address)" : $"'{address}'";
}
