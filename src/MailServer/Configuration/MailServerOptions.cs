using System.Net;
using MailServer.Domain;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Configuration;

/// <summary>The whole configuration, one record per section, with the default values.</summary>
public sealed record MailServerOptions
{
    public ServerOptions Server { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    public StorageOptions Storage { get; init; } = new();

    /// <summary>Settings of individual domains. The hosted domains themselves are in the directory.</summary>
    public IReadOnlyList<DomainOptions> Domains { get; init; } = [];

    public SecurityOptions Security { get; init; } = new();

    public LoggingOptions Logging { get; init; } = new();

    public DeliveryOptions Delivery { get; init; } = new();

    public QueueOptions Queue { get; init; } = new();

    public ReportsOptions Reports { get; init; } = new();

    public AdminOptions Admin { get; init; } = new();

    public DnsOptions Dns { get; init; } = new();

    public HealthOptions Health { get; init; } = new();

    public PushOptions Push { get; init; } = new();

    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>The file that the options were read from; null: none.</summary>
    internal string? ConfigurationFile { get; init; }

    /// <summary>The MTA-STS policy that all hosted domains publish (<c>tls.mta_sts</c>).</summary>
    public MtaStsPolicy OwnMtaStsPolicy => MtaStsPolicy.ForHost(Server.Hostname, Tls.MtaSts);

    /// <summary>The directory for ordered certificates and keys: <c>tls.cache_dir</c>, or <c>acme</c> in the data directory.</summary>
    public string CertificateDirectory => Tls.CacheDir ?? Path.Combine(Storage.DataDir, "acme");

    /// <summary>The settings of <paramref name="domain"/> (normalised), with defaults for everything not configured.</summary>
    public DomainOptions DomainOrDefault(string domain)
    {
        var options = Domains.FirstOrDefault(d => d.Name == domain) ?? new DomainOptions { Name = domain };
        return options.DkimKeyFile is null ? WithSelector(domain, options.DkimSelector) : options;
    }

    /// <summary>
    /// All existing signing keys of <paramref name="domain"/>: the configured one, and those that <c>dkim generate</c> created under other selectors.
    /// </summary>
    public IReadOnlyList<DomainOptions> SigningKeys(string domain)
    {
        var configured = DomainOrDefault(domain);
        var keys = new List<DomainOptions>();
        if (File.Exists(configured.DkimKeyFile)) keys.Add(configured);
        if (!Directory.Exists(KeyDirectory)) return keys;
        foreach (var file in Directory.EnumerateFiles(KeyDirectory, $"{domain}.*.key").Order(StringComparer.Ordinal))
        {
            var selector = Path.GetFileNameWithoutExtension(file)[(domain.Length + 1)..];
            // A selector with a dot could also be part of a subdomain's name.
            if (selector != configured.DkimSelector && !selector.Contains('.', StringComparison.Ordinal)) keys.Add(WithSelector(domain, selector));
        }

        return keys;
    }

    /// <summary>The directory in which <c>dkim generate</c> and <c>dkim rotate</c> create keys.</summary>
    public string KeyDirectory => Path.Combine(Storage.DataDir, "dkim");

    /// <summary>The settings of <paramref name="domain"/> for <paramref name="selector"/>, with the key in the default directory.</summary>
    public DomainOptions WithSelector(string domain, string selector) =>
        new() { Name = domain, DkimSelector = selector, DkimKeyFile = Path.Combine(KeyDirectory, $"{domain}.{selector}.key") };
}

/// <summary>Section <c>server</c>.</summary>
public sealed record ServerOptions
{
    /// <summary>The host name in greetings, Received fields and certificates.</summary>
    public string Hostname { get; init; } = Environment.MachineName;

    /// <summary>Addresses of every mail and DAV listener; <see cref="IPAddress.IPv6Any"/> stands for all addresses of both families.</summary>
    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.IPv6Any];

    public int SmtpPort { get; init; } = 25;

    public int SubmissionPort { get; init; } = 587;

    public int SmtpsPort { get; init; } = 465;

    public int ImapPort { get; init; } = 143;

    public int ImapsPort { get; init; } = 993;

    public int DavPort { get; init; } = 8443;

    /// <summary>Proxies that send the client's address with the PROXY protocol.</summary>
    public IReadOnlyList<IPNetwork> ProxyProtocolFrom { get; init; } = [];

    /// <summary>The port for certificate challenges, client setup and redirects to HTTPS. It must be 80 for http-01 challenges.</summary>
    public int HttpPort { get; init; }

    /// <summary>An additional port with the services of <see cref="DavPort"/>; browsers and clients try 443 first.</summary>
    public int HttpsPort { get; init; }

    /// <summary>The port on which people and clients reach calendars, contacts and secret links: <c>https_port</c>, or else <c>dav_port</c>.</summary>
    public int WebPort => HttpsPort != 0 ? HttpsPort : DavPort;

    /// <summary>How long the server waits for connections to end when it stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Section <c>tls</c>.</summary>
public sealed record TlsOptions
{
    public bool AutoTls { get; init; }

    /// <summary>The contact address of the ACME account.</summary>
    public string? Email { get; init; }

    /// <summary>The configured value; use <see cref="MailServerOptions.CertificateDirectory"/>.</summary>
    public string? CacheDir { get; init; }

    /// <summary>A certificate with its chain, in PEM.</summary>
    public string? CertFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Additional trusted authorities for outgoing connections, in PEM.</summary>
    public string? ExtraCaFile { get; init; }

    /// <summary>The mode of the MTA-STS policy for servers that send to the hosted domains.</summary>
    public MtaStsMode MtaSts { get; init; } = MtaStsMode.Testing;

    /// <summary>Additional names to get certificates for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The directory URL of the certificate authority.</summary>
    public Uri AcmeDirectory { get; init; } = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary>A staging authority at which the first order for each name is tested.</summary>
    public Uri? AcmeRehearsal { get; init; }

    public AcmeChallengeOption AcmeChallenge { get; init; } = AcmeChallengeOption.Http01;

    /// <summary>The program that creates TXT records for <see cref="AcmeChallengeOption.Dns01"/>.</summary>
    public string? AcmeDnsHook { get; init; }

    /// <summary>The root certificate of a private certificate authority, in PEM.</summary>
    public string? AcmeCaFile { get; init; }

    /// <summary>The key id of an external account at the authority (RFC 8555 §7.3.4).</summary>
    public string? AcmeKeyId { get; init; }

    /// <summary>A file with the key of the external account, in base64url.</summary>
    public string? AcmeHmacFile { get; init; }
}

/// <summary>The ACME challenge that proves control of a name.</summary>
public enum AcmeChallengeOption
{
    Http01,
    TlsAlpn01,
    Dns01,
}

/// <summary>Section <c>storage</c>.</summary>
public sealed record StorageOptions
{
    public string DataDir { get; init; } = "/var/lib/mailserver";

    public string DatabasePath { get => ConfiguredDatabasePath ?? Path.Combine(DataDir, "mail.db"); init => ConfiguredDatabasePath = value; }

    public string MaildirPath { get => ConfiguredMaildirPath ?? Path.Combine(DataDir, "maildir"); init => ConfiguredMaildirPath = value; }

    /// <summary>The configured path; null: the default.</summary>
    internal string? ConfiguredDatabasePath { get; private init; }

    /// <summary>The configured path; null: the default.</summary>
    internal string? ConfiguredMaildirPath { get; private init; }

    /// <summary>Maximum size of a contact in octets, with its photo in Base64.</summary>
    public long MaxContactSize { get; init; } = Limits.Default.DavContact;

    /// <summary>The name of this node if it shares the data directory with other nodes; otherwise null.</summary>
    internal string? Node { get; init; }

    /// <summary>The folder that only this node writes to; in a cluster a subfolder per node.</summary>
    public string NodeDir => Node is null ? DataDir : Path.Combine(DataDir, "node", Node);

    /// <summary>The cache of other domains' MTA-STS policies.</summary>
    public string MtaStsPath => Path.Combine(NodeDir, "mta-sts.db");

    /// <summary>Known contacts, greylisting and sending counters.</summary>
    public string TrustPath => Path.Combine(NodeDir, "trust.db");

    /// <summary>Accepted messages that are not yet delivered to all recipients. Must be on the file system of the Maildirs, because messages are hard-linked into them.</summary>
    public string SpoolPath => Path.Combine(DataDir, "spool");

    /// <summary>The journal of the outbound queue; in a cluster it is in the shared database.</summary>
    public string JournalPath => Path.Combine(DataDir, "journal.db");

    /// <summary>The traces of messages.</summary>
    public string TracePath => Path.Combine(NodeDir, "trace.db");

    /// <summary>The audit log and the bans.</summary>
    public string AccessPath => Path.Combine(NodeDir, "access.db");

    /// <summary>Sent and received DMARC and TLS reports. In a cluster a single node handles them.</summary>
    public string ReportsPath => Path.Combine(DataDir, "reports.db");

    /// <summary>The Unix socket of the admin API.</summary>
    public string AdminSocketPath => Path.Combine(NodeDir, "admin.sock");
}

/// <summary>An item of the list <c>domains</c>.</summary>
public sealed record DomainOptions
{
    /// <summary>The normalised domain name.</summary>
    public string Name { get; init; } = "";

    public string DkimSelector { get; init; } = "mail";

    /// <summary>The configured value; <see cref="MailServerOptions.DomainOrDefault"/> fills in the default.</summary>
    public string? DkimKeyFile { get; init; }
}

/// <summary>The action for mail whose DMARC result is unknown because of a DNS failure.</summary>
public enum DnsFailureAction
{
    Defer,
    Accept,
}

/// <summary>A host and its port.</summary>
public sealed record HostPort(string Host, int Port);

/// <summary>Section <c>delivery</c>.</summary>
public sealed record DeliveryOptions
{
    /// <summary>The smarthost for outgoing mail; null: deliver to the mail exchangers of each domain.</summary>
    public HostPort? RelayHost { get; init; }

    /// <summary>The user name at the relay host; null: no authentication.</summary>
    public string? RelayUser { get; init; }

    /// <summary>A file with the password, on its first line.</summary>
    public string? RelayPasswordFile { get; init; }

    /// <summary>Authenticate at relay hosts even without TLS.</summary>
    public bool RelayPlaintextAuth { get; init; }

    /// <summary>Routes for certain domains that replace their mail exchangers or the relay host.</summary>
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];

    /// <summary>The port of mail exchangers.</summary>
    public int SmtpPort { get; init; } = 25;

    /// <summary>Also deliver to mail exchangers on this machine and in private networks.</summary>
    public bool PrivateHosts { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Do not deliver without TLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>If TLS is required, also require a valid certificate for the name of the relay host.</summary>
    public bool VerifyTls { get; init; } = true;

    /// <summary>Honour the MTA-STS policies of other domains.</summary>
    public bool MtaSts { get; init; } = true;

    /// <summary>The port of MTA-STS policy hosts.</summary>
    public int MtaStsPort { get; init; } = 443;

    /// <summary>Honour the TLSA records of other domains.</summary>
    public bool Dane { get; init; } = true;
}

/// <summary>An item of <c>delivery.routes</c>.</summary>
public sealed record RouteOptions
{
    /// <summary>A domain, <c>.example.org</c> for its subdomains, or <c>*</c> for all.</summary>
    public string Domain { get; init; } = "";

    public HostPort Host { get; init; } = new("", 0);

    public string? User { get; init; }

    public string? PasswordFile { get; init; }
}

/// <summary>Section <c>queue</c>.</summary>
public sealed record QueueOptions
{
    public int MaxRetries { get; init; } = 30;

    public TimeSpan RetryMaxAge { get; init; } = TimeSpan.FromDays(5);

    /// <summary>The delay before the first retry; it doubles with each further retry.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest delay between two attempts.</summary>
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The age of a message at which its sender gets a delay notice.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>Section <c>reports</c>.</summary>
public sealed record ReportsOptions
{
    /// <summary>Send DMARC aggregate reports to domains that request them.</summary>
    public bool Dmarc { get; init; } = true;

    /// <summary>Send TLS reports to domains that request them.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>The sender of reports; null: postmaster of the host's domain.</summary>
    public string? From { get; init; }

    /// <summary>The delay after the end of a day (UTC) before its reports are sent.</summary>
    public TimeSpan SendAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The period over which sending is spread.</summary>
    public TimeSpan SendSpread { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long reports are kept.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Additional addresses at which reports are received.</summary>
    public IReadOnlyList<string> ReceiveAt { get; init; } = [];
}

/// <summary>Section <c>admin</c>.</summary>
public sealed record AdminOptions
{
    public bool Enabled { get; init; }

    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.Loopback];

    public int Port { get; init; } = 8090;

    /// <summary>Use HTTPS with the server's certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>Names and addresses accepted in the Host header, in addition to the host name, loopback and the listening addresses.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether the admin port is open.</summary>
    public bool IsServed => Enabled && Port != 0;
}

/// <summary>Section <c>dns</c>.</summary>
public sealed record DnsOptions
{
    /// <summary>The resolvers; empty: those of the system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Whether the resolvers validate DNSSEC and the path to them is trusted (AD bit).</summary>
    public bool TrustAd { get; init; }
}

/// <summary>Section <c>push</c>.</summary>
public sealed record PushOptions
{
    /// <summary>Clients may subscribe to changes of calendars and contacts (WebDAV-Push).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Also allow push services in private networks.</summary>
    public bool PrivateHosts { get; init; }
}
