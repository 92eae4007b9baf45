namespace MailServer.Configuration;

/// <summary>Section <c>delivery</c>.</summary>
public sealed record DeliveryOptions
{
    [Key(
        "A smarthost for all outgoing mail. Port 465 uses TLS from the start, other ports STARTTLS. Default: deliver to the mail exchangers (MX) of each domain.",
        Example = "smarthost.example.net:587")]
    public HostPort? RelayHost { get; init; }

    [Key("The user name at the smarthost.", Example = "me@example.org")]
    public string? RelayUser { get; init; }

    [Key(
        "A file whose first line is the password. It is never sent without TLS unless `relay_plaintext_auth` is set.",
        Example = "/etc/mailserver/relay.password")]
    public string? RelayPasswordFile { get; init; }

    [Key("Sign in at relay hosts even without TLS.")]
    public bool RelayPlaintextAuth { get; init; }

    [Key(
        "Hosts for the mail of certain domains, instead of their mail exchangers or the smarthost. The closest match counts; `.example.net` stands for all subdomains, `*` for all domains.",
        Allowed = "a list of items such as '{domain: example.net, host: relay.example.net:587}'")]
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];

    [Key("The port of mail exchangers. Change it for tests only.", Value = nameof(ConfigurationValues.Port))]
    public int SmtpPort { get; init; } = 25;

    [Key("Also deliver to mail exchangers with loopback, private or link-local addresses. For tests and closed networks only; `relay_host` and `routes` may have any address anyway.")]
    public bool PrivateHosts { get; init; }

    [Key("How long to wait for a connection.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Key("How long to wait for a reply.")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    [Key("Never deliver without TLS. With a smarthost, set it; mail exchangers on the Internet do not all offer TLS.")]
    public bool RequireTls { get; init; }

    [Key("With `require_tls`, also require a valid certificate of the relay host.")]
    public bool VerifyTls { get; init; } = true;

    [Key("Follow the MTA-STS policies of other domains.")]
    public bool MtaSts { get; init; } = true;

    [Key("The port of MTA-STS policy hosts. Change it for tests only.", Value = nameof(ConfigurationValues.Port))]
    public int MtaStsPort { get; init; } = 443;

    [Key("Follow the TLSA records of other domains (DANE). Requires a resolver that validates DNSSEC; see `dns.trust_ad`.")]
    public bool Dane { get; init; } = true;
}

/// <summary>An item of <c>delivery.routes</c>.</summary>
public sealed record RouteOptions
{
    [Key("A domain, `.example.org` for its subdomains, or `*` for all.", Value = nameof(ConfigurationValues.RouteDomain), IsRequired = true)]
    public string Domain { get; init; } = "";

    [Key("The host.", IsRequired = true)]
    public HostPort Host { get; init; } = new("", 0);

    [Key("The user name at the host.", Example = "me")]
    public string? User { get; init; }

    [Key("A file whose first line is the password.", Example = "/etc/mailserver/example.password")]
    public string? PasswordFile { get; init; }
}
