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

    /// <summary>Why the port cannot be opened, with the remedy; null if it can.</summary>
    public string? Fault => State switch
    {
        PortState.Taken => $"{Name} is in use by another program; is this server already running?",
        PortState.Forbidden => $"{Name} may be opened only by root or with CAP_NET_BIND_SERVICE: start the server with 'systemctl start mailserver', or use a port above 1023",
        PortState.NoSuchAddress => $"{Name}: '{Address}' is not an address of this machine",
        _ => null,
    };

    /// <summary>The first port that cannot be opened, with the reason; null when all can.</summary>
    public static string? FindFault(MailServerOptions options) => Run(options).Select(static p => p.Fault).FirstOrDefault(static fault => fault is not null);

    /// <summary>The configured port with this address and number; null if there is none.</summary>
    public static PortCheck? Find(MailServerOptions options, IPEndPoint at) => (
        from port in ListenRules.Ports(options)
        where port.Port == at.Port
        from address in port.Addresses
        where address.Equals(at.Address)
        select new PortCheck(port.Key, port.Port, address, PortState.Free)).FirstOrDefault();

    /// <exception cref="CommandFailure">A port cannot be opened.</exception>
    public static void RequireFree(MailServerOptions options)
    {
        if (FindFault(options) is { } fault) throw new CommandFailure(fault);
    }
}
