using System.Globalization;
using System.Net;
using MailServer.Configuration;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Network.Diagnostics;

namespace MailServer.Diagnostics;

/// <summary>Checks that every configured port of the running server accepts connections.</summary>
internal static class ListenerCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(MailServerOptions options, CancellationToken cancel)
    {
        // The other nodes of a cluster watch its port, and it logs whoever does not introduce itself.
        var ports = (from port in ListenRules.Ports(options) where port.Key != "cluster.port" from address in port.Addresses select (port.Key, port.Port, Address: Reachable(address))).Distinct().ToArray();
        var failures = await Task.WhenAll(ports.Select(p => NetworkProbe.FindFaultAsync(p.Address, p.Port, Patience, cancel)));
        CheckResult[] faults =
        [
            .. ports.Zip(failures, static (port, fault) => (Port: port, Fault: fault)).Where(static p => p.Fault is not null).Select(static p => CheckResult.Problem(
                string.Create(CultureInfo.InvariantCulture, $"port {p.Port.Port} ({p.Port.Key})"),
                $"does not accept connections at {p.Port.Address}: {p.Fault}",
                "see the log, and restart the server with 'systemctl restart mailserver'")),
        ];
        return faults.Length > 0 ? faults : [CheckResult.Ok("ports", $"{Quantity.Of(ports.Length, "listener")} {Quantity.Noun(ports.Length, "accepts", "accept")} connections")];
    }

    /// <summary>An address at which a listener can be reached from this machine.</summary>
    private static IPAddress Reachable(IPAddress address) =>
        address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : address;
}
