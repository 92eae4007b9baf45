using System.Net;

namespace MailServer.Configuration;

/// <summary>Section <c>server</c>.</summary>
public sealed record ServerOptions
{
    [Key(
        "The fully qualified name of this server, as in its MX and PTR records. Used in greetings, Received fields and certificates. Default: the machine's own name, which is often not fully qualified.",
        Value = nameof(ConfigurationValues.HostName), Example = "mail.example.org", IsAdvised = true)]
    public string Hostname { get; init; } = Environment.MachineName;

    /// <summary>Addresses of every mail and DAV listener; <see cref="IPAddress.IPv6Any"/> stands for all addresses of both families.</summary>
    [Key("IP addresses to listen on; `*` stands for all addresses, IPv4 and IPv6.", IsRequired = true)]
    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.IPv6Any];

    [Key("Mail from other servers (SMTP). As for every port: 0 switches it off.", Value = nameof(ConfigurationValues.Port))]
    public int SmtpPort { get; init; } = 25;

    [Key("Mail from users, with STARTTLS.", Value = nameof(ConfigurationValues.Port))]
    public int SubmissionPort { get; init; } = 587;

    [Key("Mail from users, with TLS from the start.", Value = nameof(ConfigurationValues.Port))]
    public int SmtpsPort { get; init; } = 465;

    [Key("IMAP with STARTTLS.", Value = nameof(ConfigurationValues.Port))]
    public int ImapPort { get; init; } = 143;

    [Key("IMAP with TLS from the start.", Value = nameof(ConfigurationValues.Port))]
    public int ImapsPort { get; init; } = 993;

    [Key("Management of mail rules by mail clients (ManageSieve), with STARTTLS. Clients expect 4190.", Value = nameof(ConfigurationValues.Port))]
    public int ManagesievePort { get; init; }

    [Key("ManageSieve with TLS from the start, for clients that cannot do without. There is no usual port for it.", Value = nameof(ConfigurationValues.Port))]
    public int ManagesievesPort { get; init; }

    [Key("CalDAV, CardDAV and WebDAV, over HTTPS.", Value = nameof(ConfigurationValues.Port))]
    public int DavPort { get; init; } = 8443;

    [Key("Proxies that send the address of the client with the PROXY protocol (version 1 or 2). It is required from them on every port and rejected from all others.")]
    public IReadOnlyList<IPNetwork> ProxyProtocolFrom { get; init; } = [];

    [Key("HTTP for certificate challenges, client set-up and redirects to HTTPS. `http-01` challenges need port 80.", Value = nameof(ConfigurationValues.Port))]
    public int HttpPort { get; init; }

    [Key("A second port with the services of `dav_port`. Clients and browsers try 443 first.", Value = nameof(ConfigurationValues.Port))]
    public int HttpsPort { get; init; }

    /// <summary>The port on which people and clients reach calendars, contacts and secret links: <c>https_port</c>, or else <c>dav_port</c>.</summary>
    public int WebPort => HttpsPort != 0 ? HttpsPort : DavPort;

    [Key("How long the server waits for connections to end when it stops.")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
