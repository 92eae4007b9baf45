using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Network.Diagnostics;
using MailServer.Network.Dns;

namespace MailServer.Diagnostics;

/// <summary>Checks before the first start whether this machine meets the requirements of a mail server.</summary>
internal sealed class Preflight(MailServerOptions options, Resolver resolver)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<IEnumerable<CheckResult>> CheckLocalAsync(CancellationToken cancel) => [.. await PortsAsync(cancel), .. MachineChecks.Run(options), Folders()];

    public async Task<IEnumerable<CheckResult>> CheckNetworkAsync(HostPort probe, CancellationToken cancel)
    {
        var outgoing = OutgoingAsync(probe, cancel);
        return [.. await CheckHostAsync(cancel), await outgoing];
    }

    /// <summary>Checks the address of the host name, and the reverse records of its addresses.</summary>
    public async Task<IEnumerable<CheckResult>> CheckHostAsync(CancellationToken cancel)
    {
        var host = options.Server.Hostname;
        return await resolver.AddressesAsync(host, cancel) switch
        {
            DnsAnswer<IPAddress>.RecordsFound found => [.. HostAddress(host, found.Values), .. await Task.WhenAll(found.Values.Select(a => ReverseAsync(host, a, cancel)))],
            DnsAnswer<IPAddress>.TemporaryFailure failed => [CheckResult.Problem("dns", $"lookup failed: {failed.Reason}", "check the resolvers in dns.servers")],
            _ => [CheckResult.Problem("dns", $"{host} has no address", "create an A (and AAAA) record for it")],
        };
    }

    private async Task<IEnumerable<CheckResult>> PortsAsync(CancellationToken cancel)
    {
        if (await AdminClient.IsHealthyAsync(options.Storage.AdminSocketPath, cancel)) return [CheckResult.Ok("ports", "in use by the running server")];
        return PortCheck.Run(options).Select(Port);
    }

    private static CheckResult Port(PortCheck port) => port.State switch
    {
        PortState.Free => CheckResult.Ok(port.Name, "is free"),
        PortState.Taken => CheckResult.Problem(port.Name, $"is in use by another program: 'ss -ltnp sport = :{port.Port}' shows which"),
        // The systemd unit grants a capability that a shell does not have.
        PortState.Forbidden => CheckResult.Warning(port.Name, "requires CAP_NET_BIND_SERVICE, which the systemd unit grants"),
        _ => CheckResult.Problem(port.Name, $"{port.Address} is not an address of this machine"),
    };

    /// <summary>Checks that the data directory exists and is writable.</summary>
    private CheckResult Folders()
    {
        var storage = options.Storage;
        if (!Directory.Exists(storage.DataDir)) return CheckResult.Warning("folders", $"{storage.DataDir} does not exist yet; create it with 'mailserver setup' or 'mailserver migrate'");
        var file = Path.Combine(storage.DataDir, $".preflight.{Environment.ProcessId}");
        try
        {
            File.WriteAllText(file, "");
            File.Delete(file);
            return CheckResult.Ok("folders", $"{storage.DataDir} is writable");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CheckResult.Problem("folders", $"{storage.DataDir}: {e.Message}");
        }
    }

    private static IEnumerable<CheckResult> HostAddress(string host, IReadOnlyList<IPAddress> found)
    {
        var here = NetworkProbe.PublicAddresses();
        var text = $"{host} resolves to {string.Join(", ", found)}";
        if (here.Count == 0) return [CheckResult.Warning("dns", $"{text}; this machine has no public address, so that address must forward to it")];
        return [found.Intersect(here).Any() ? CheckResult.Ok("dns", text) : CheckResult.Problem("dns", $"{text}, but the address of this machine is {string.Join(", ", here)}")];
    }

    /// <summary>RFC 1912 §2.1: the reverse record must name the host, or other servers may reject its mail.</summary>
    private async Task<CheckResult> ReverseAsync(string host, IPAddress address, CancellationToken cancel)
    {
        var subject = $"reverse dns of {address}";
        return await resolver.LookupPtrAsync(address, cancel) switch
        {
            DnsAnswer<string>.RecordsFound found when found.Values.Contains(host, StringComparer.OrdinalIgnoreCase) => CheckResult.Ok(subject, $"{address} resolves to {host}"),
            DnsAnswer<string>.RecordsFound found => CheckResult.Problem(subject, $"{address} resolves to {string.Join(", ", found.Values)}, not {host}", "ask the provider of the address to change its PTR record"),
            DnsAnswer<string>.TemporaryFailure failed => CheckResult.Warning(subject, failed.Reason),
            _ => CheckResult.Problem(subject, $"{address} has no PTR record", $"ask the provider of the address to set it to {host}"),
        };
    }

    /// <summary>Checks that another mail server (or the relay host) answers on its port.</summary>
    public async Task<CheckResult> OutgoingAsync(HostPort probe, CancellationToken cancel)
    {
        const string Subject = "outgoing mail";
        var (host, port) = options.Delivery.RelayHost ?? probe;
        var answer = await resolver.AddressesAsync(host, cancel);
        if (answer is DnsAnswer<IPAddress>.TemporaryFailure late) return CheckResult.Warning(Subject, $"not checked: {late.Reason}");
        if (answer is not DnsAnswer<IPAddress>.RecordsFound found) return CheckResult.Warning(Subject, $"not checked: {host} is not in DNS");
        var (greeting, failure) = await NetworkProbe.GreetingAsync(found.Values[0], port, Patience, cancel);
        return greeting?.StartsWith("220", StringComparison.Ordinal) == true
            ? CheckResult.Ok(Subject, $"{host} answers on port {port}")
            : CheckResult.Problem(Subject, $"{host} does not answer on port {port} ({(failure.Length > 0 ? failure : greeting)}); many networks block it", "ask the provider to open the port, or set delivery.relay_host");
    }
}
