using System.Net;

namespace MailServer.Configuration;

/// <summary>Section <c>admin</c>.</summary>
public sealed record AdminOptions
{
    [Key("Open the admin port. Without it nothing is measured.")]
    public bool Enabled { get; init; }

    [Key("IP addresses to listen on.", IsRequired = true)]
    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.Loopback];

    [Key("The port.", Value = nameof(ConfigurationValues.Port))]
    public int Port { get; init; } = 8090;

    [Key("Use HTTPS with the server's certificate. Without it, reach the port through an SSH tunnel or a proxy with TLS only.")]
    public bool Tls { get; init; }

    [Key("Further host names for this port, such as the public name of a proxy. Requests for names other than these, `server.hostname`, `localhost` and the listening addresses get 421, which stops DNS rebinding.")]
    public IReadOnlyList<string> Names { get; init; } = [];

    [Key("Also serve the administrators' pages on `https_port` and `dav_port`, where users have their pages. Administrators then need a second factor there.")]
    public bool Public { get; init; }

    [Key("A file whose first line is the token for `/metrics` (`Authorization: Bearer TOKEN`), at least 16 characters. Without it only loopback gets metrics.", Example = "/etc/mailserver/metrics.token")]
    public string? MetricsTokenFile { get; init; }

    /// <summary>Whether the admin port is open.</summary>
    public bool IsServed => Enabled && Port != 0;
}
