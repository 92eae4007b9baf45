using System.Globalization;
using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Network.Diagnostics;

namespace MailServer.Diagnostics;

/// <summary>Whether the configured ports can be opened.</summary>
/// <param name="Key">The configuration key, such as <c>server.smtp_port</c>.</param>
/// <param name="Port">The port.</param>
/// <param name="Address">The address that it is opened on.</param>
/// <param name="State">The result of opening it.</param>
internal sealed record PortCheck(string Key, int Port, IPAddress Address, PortState State)
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"port {Port} ({Key})");

    /// <summary>Opens and closes each configured port.</summary>
    public static IEnumerable<PortCheck> Run(MailServerOptions options) =>
        from port in ListenRules.Ports(options)
        from address in port.Addresses
        select new PortCheck(port.Key, port.Port, address, NetworkProbe.TryListen(address, port.Port));

    /// <summary>The first port that cannot be opened, with the reason; null when all can.</summary>
    public static string? FindFault(MailServerOptions options) => Run(options).Select(static p => p.State switch
    {
        PortState.Taken => $"{p.Name} is in use by another program; is this server already running?",
        PortState.Forbidden => $"{p.Name} may be opened only by root or with CAP_NET_BIND_SERVICE: start the server with 'systemctl start mailserver', or use a port above 1023",
        PortState.NoSuchAddress => $"{p.Name}: '{p.Address}' is not an address of this machine",
        _ => null,
    }).FirstOrDefault(static fault => fault is not null);

    /// <exception cref="CommandFailure">A port cannot be opened.</exception>
    public static void RequireFree(MailServerOptions options)
    {
        if (FindFault(options) is { } fault) throw new CommandFailure(fault);
    }
}
