using System.Net;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Configuration;

/// <summary>The whole configuration, one record a section; what a file leaves out has the value written here.</summary>
public sealed record MailServerOptions
{
    public ServerOptions Server { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    public StorageOptions Storage { get; init; } = new();

    /// <summary>What is configured about single domains. Which domains are hosted is in the directory, not here.</summary>
    public IReadOnlyList<DomainOptions> Domains { get; init; } = [];

    public SecurityOptions Security { get; init; } = new();

    public LoggingOptions Logging { get; init; } = new();

    public DeliveryOptions Delivery { get; init; } = new();

    public QueueOptions Queue { get; init; } = new();

    public ReportsOptions Reports { get; init; } = new();

    public AdminOptions Admin { get; init; } = new();

    public DnsOptions Dns { get; init; } = new();

    public PushOptions Push { get; init; } = new();

    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>What every domain of ours asks of who sends to it (<c>tls.mta_sts</c>).</summary>
    public MtaStsPolicy OwnMtaStsPolicy => MtaStsPolicy.ForHost(Server.Hostname, Tls.MtaSts);

    /// <summary>Where certificates and keys are kept: <c>tls.cache_dir</c>, or <c>acme</c> in the data directory.</summary>
    public string CertificateDirectory => Tls.CacheDir ?? Path.Combine(Storage.DataDir, "acme");

    /// <summary>The settings of <paramref name="domain"/> (normalised), configured or not, with nothing left open.</summary>
    public DomainOptions DomainOrDefault(string domain)
    {
        var options = Domains.FirstOrDefault(d => d.Name == domain) ?? new DomainOptions { Name = domain };
        return options.DkimKeyFile is null ? WithSelector(domain, options.DkimSelector) : options;
    }

    /// <summary>
    /// Every key that signs for <paramref name="domain"/> and exists: the configured one, and those that <c>dkim generate</c> made under other selectors.
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
            // With a dot it may as well be a key of a domain below this one.
            if (selector != configured.DkimSelector && !selector.Contains('.', StringComparison.Ordinal)) keys.Add(WithSelector(domain, selector));
        }

        return keys;
    }

    /// <summary>Where <c>dkim generate</c> and <c>dkim rotate</c> put keys.</summary>
    public string KeyDirectory => Path.Combine(Storage.DataDir, "dkim");

    /// <summary>The settings of <paramref name="domain"/> under <paramref name="selector"/>, with its key where keys lie by default.</summary>
    public DomainOptions WithSelector(string domain, string selector) =>
        new() { Name = domain, DkimSelector = selector, DkimKeyFile = Path.Combine(KeyDirectory, $"{domain}.{selector}.key") };
}

/// <summary>Section <c>server</c>.</summary>
public sealed record ServerOptions
{
    /// <summary>The name in greetings, Received fields and certificates.</summary>
    public string Hostname { get; init; } = Environment.MachineName;

    /// <summary>Addresses of every mail and DAV listener; <see cref="IPAddress.IPv6Any"/> stands for all addresses of both families.</summary>
    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.IPv6Any];

    public int SmtpPort { get; init; } = 25;

    public int SubmissionPort { get; init; } = 587;

    public int SmtpsPort { get; init; } = 465;

    public int ImapPort { get; init; } = 143;

    public int ImapsPort { get; init; } = 993;

    public int DavPort { get; init; } = 8443;

    /// <summary>Proxies that say for whom they connect.</summary>
    public IReadOnlyList<IPNetwork> ProxyProtocolFrom { get; init; } = [];

    /// <summary>Certificate challenges, client set-up, and redirects to HTTPS; 80 on a server that fetches certificates by http-01.</summary>
    public int HttpPort { get; init; }

    /// <summary>What is on <see cref="DavPort"/>, on the port that browsers and clients try first.</summary>
    public int HttpsPort { get; init; }

    /// <summary>How long connections may take to end when the server stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Section <c>tls</c>.</summary>
public sealed record TlsOptions
{
    public bool AutoTls { get; init; }

    /// <summary>The contact of the certificate account.</summary>
    public string? Email { get; init; }

    /// <summary>As configured; see <see cref="MailServerOptions.CertificateDirectory"/>.</summary>
    public string? CacheDir { get; init; }

    /// <summary>A certificate with its chain, in PEM.</summary>
    public string? CertFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Authorities that are trusted beside those of the system when we are the client, in PEM.</summary>
    public string? ExtraCaFile { get; init; }

    /// <summary>What our own MTA-STS policy asks of who sends to our domains.</summary>
    public MtaStsMode MtaSts { get; init; } = MtaStsMode.Testing;

    /// <summary>Names beside the host's and the domains' that get a certificate.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The directory of the certificate authority.</summary>
    public Uri AcmeDirectory { get; init; } = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary>An authority for tests, where the first order of each name is tried out.</summary>
    public Uri? AcmeRehearsal { get; init; }

    public AcmeChallengeOption AcmeChallenge { get; init; } = AcmeChallengeOption.Http01;

    /// <summary>For <see cref="AcmeChallengeOption.Dns01"/>.</summary>
    public string? AcmeDnsHook { get; init; }

    /// <summary>The root of an authority of one's own, in PEM.</summary>
    public string? AcmeCaFile { get; init; }

    /// <summary>An account that the authority gave outside ACME.</summary>
    public string? AcmeKeyId { get; init; }

    /// <summary>Its key, in base64url.</summary>
    public string? AcmeHmacFile { get; init; }
}

/// <summary>How it is proven that a name is ours.</summary>
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

    public string DatabasePath { get => OwnDatabasePath ?? Path.Combine(DataDir, "mail.db"); init => OwnDatabasePath = value; }

    public string MaildirPath { get => OwnMaildirPath ?? Path.Combine(DataDir, "maildir"); init => OwnMaildirPath = value; }

    /// <summary>As configured; null: where it lies by default.</summary>
    internal string? OwnDatabasePath { get; private init; }

    /// <summary>As configured; null: where it lies by default.</summary>
    internal string? OwnMaildirPath { get; private init; }

    /// <summary>The name of a node that shares its data directory with others; null: it shares it with none.</summary>
    internal string? Node { get; init; }

    /// <summary>What one node alone writes: in a cluster a folder of its own.</summary>
    public string NodeDir => Node is null ? DataDir : Path.Combine(DataDir, "node", Node);

    /// <summary>MTA-STS policies of other domains.</summary>
    public string MtaStsPath => Path.Combine(NodeDir, "mta-sts.db");

    /// <summary>Who wrote before, and to whom.</summary>
    public string TrustPath => Path.Combine(NodeDir, "trust.db");

    /// <summary>Accepted messages that are not yet delivered everywhere. On the file system of the Maildirs, into which they are linked.</summary>
    public string SpoolPath => Path.Combine(DataDir, "spool");

    /// <summary>The events of the outbound queue of a server alone; in a cluster they are in its database.</summary>
    public string JournalPath => Path.Combine(DataDir, "journal.db");

    /// <summary>The stories of messages.</summary>
    public string TracePath => Path.Combine(NodeDir, "trace.db");

    /// <summary>Sign-ins, bans, and what was changed.</summary>
    public string AccessPath => Path.Combine(NodeDir, "access.db");

    /// <summary>What is reported to other domains, and what they report: one of the nodes does it for all.</summary>
    public string ReportsPath => Path.Combine(DataDir, "reports.db");

    /// <summary>Where the running server is asked by the command line.</summary>
    public string AdminSocketPath => Path.Combine(NodeDir, "admin.sock");
}

/// <summary>An item of the list <c>domains</c>.</summary>
public sealed record DomainOptions
{
    /// <summary>Normalised.</summary>
    public string Name { get; init; } = "";

    public string DkimSelector { get; init; } = "mail";

    /// <summary>As configured; <see cref="MailServerOptions.DomainOrDefault"/> fills it.</summary>
    public string? DkimKeyFile { get; init; }
}

/// <summary>What is done with mail that cannot be judged for want of DNS.</summary>
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
    /// <summary>The smarthost that mail for other hosts is handed to; null: it goes to the mail exchangers of each domain.</summary>
    public HostPort? RelayHost { get; init; }

    /// <summary>How to sign in at the relay host; null: without.</summary>
    public string? RelayUser { get; init; }

    /// <summary>A file with the password, on its first line.</summary>
    public string? RelayPasswordFile { get; init; }

    /// <summary>Sign in at relay hosts without TLS too.</summary>
    public bool RelayPlaintextAuth { get; init; }

    /// <summary>Where mail for certain domains goes, instead of their mail exchangers or the relay host.</summary>
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];

    /// <summary>The port of mail exchangers.</summary>
    public int SmtpPort { get; init; } = 25;

    /// <summary>Deliver to mail exchangers on this machine and in private networks too.</summary>
    public bool PrivateHosts { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Hand nothing on without TLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>Where TLS is required, require a certificate of the relay host that is valid for its name too.</summary>
    public bool VerifyTls { get; init; } = true;

    /// <summary>Keep to the MTA-STS policies of other domains.</summary>
    public bool MtaSts { get; init; } = true;

    /// <summary>The port of policy hosts.</summary>
    public int MtaStsPort { get; init; } = 443;

    /// <summary>Keep to the TLSA records of other domains.</summary>
    public bool Dane { get; init; } = true;
}

/// <summary>An item of <c>delivery.routes</c>.</summary>
public sealed record RouteOptions
{
    /// <summary>A domain; with a dot before it, all below it; <c>*</c>: all.</summary>
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

    /// <summary>The wait before the first retry; each later one is twice as long.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The age of a message at which its sender is told that it is delayed.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>Section <c>reports</c>.</summary>
public sealed record ReportsOptions
{
    /// <summary>Tell domain owners who ask for it how mail in their name fared.</summary>
    public bool Dmarc { get; init; } = true;

    /// <summary>Tell domain owners who ask for it how TLS to their hosts went.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Who reports; null: the postmaster of the host's domain.</summary>
    public string? From { get; init; }

    /// <summary>How long after the end of a day (UTC) its reports begin to go.</summary>
    public TimeSpan SendAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Over how long they are spread from then on.</summary>
    public TimeSpan SendSpread { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long reports are remembered.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Addresses to which others report, beside the usual ones.</summary>
    public IReadOnlyList<string> ReceiveAt { get; init; } = [];
}

/// <summary>Section <c>admin</c>.</summary>
public sealed record AdminOptions
{
    public bool Enabled { get; init; }

    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.Loopback];

    public int Port { get; init; } = 8090;

    /// <summary>The port speaks HTTPS, with the server's certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>Names and addresses that browsers may use for the port, beside the host name, loopback and the addresses it listens on.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>There is an admin port.</summary>
    public bool IsServed => Enabled && Port != 0;
}

/// <summary>Section <c>dns</c>.</summary>
public sealed record DnsOptions
{
    /// <summary>Resolvers to ask; empty: those of the system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>They validate DNSSEC, and the way to them is safe.</summary>
    public bool TrustAd { get; init; }
}

/// <summary>Section <c>push</c>.</summary>
public sealed record PushOptions
{
    /// <summary>Clients may ask to be told of changes to calendars and contacts (WebDAV-Push).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Push services in private networks may be told, too.</summary>
    public bool PrivateHosts { get; init; }
}
