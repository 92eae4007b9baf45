using System.Net;
using MailServer.Storage.Directory;

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

    private string KeyDirectory => Path.Combine(Storage.DataDir, "dkim");

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
}

/// <summary>Section <c>storage</c>.</summary>
public sealed record StorageOptions
{
    public string DataDir { get; init; } = "/var/lib/mailserver";

    public string DatabasePath { get => field ?? Path.Combine(DataDir, "mail.db"); init; }

    public string MaildirPath { get => field ?? Path.Combine(DataDir, "maildir"); init; }

    /// <summary>Accepted messages that are not yet delivered everywhere. On the file system of the Maildirs, into which they are linked.</summary>
    public string SpoolPath => Path.Combine(DataDir, "spool");

    /// <summary>The events of the outbound queue.</summary>
    public string JournalPath => Path.Combine(DataDir, "journal.db");

    /// <summary>What is reported to other domains, and what they report.</summary>
    public string ReportsPath => Path.Combine(DataDir, "reports.db");

    /// <summary>Where the running server is asked by the command line.</summary>
    public string AdminSocketPath => Path.Combine(DataDir, "admin.sock");
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

/// <summary>Section <c>security</c>.</summary>
public sealed record SecurityOptions
{
    /// <summary>Nobody signs in without TLS.</summary>
    public bool RequireTls { get; init; } = true;

    public bool VerifySpf { get; init; } = true;

    public bool VerifyDkim { get; init; } = true;

    public bool VerifyDmarc { get; init; } = true;

    /// <summary>Sign submissions with the DKIM key of the sender's domain, where there is one.</summary>
    public bool SignOutbound { get; init; } = true;

    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Memory of one Argon2id hash, in octets.</summary>
    public long Argon2Memory { get; init; } = 64 * 1024 * 1024;

    public int Argon2Passes { get; init; } = 3;

    public int Argon2Parallelism { get; init; } = 1;

    public PasswordHasherOptions HasherOptions => new()
    {
        MemoryKib = (int)(Argon2Memory / 1024),
        Passes = Argon2Passes,
        Parallelism = Argon2Parallelism,
    };
}

/// <summary>How much is logged.</summary>
public enum LogLevelOption
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>How a log line looks.</summary>
public enum LogFormat
{
    Text,
    Json,
}

/// <summary>Section <c>logging</c>.</summary>
public sealed record LoggingOptions
{
    public LogLevelOption Level { get; init; } = LogLevelOption.Info;

    public LogFormat Format { get; init; } = LogFormat.Text;

    /// <summary><c>stdout</c>, <c>stderr</c>, or the path of a file.</summary>
    public string Output { get; init; } = "stdout";
}

/// <summary>A host and its port.</summary>
public sealed record HostPort(string Host, int Port);

/// <summary>Section <c>delivery</c>.</summary>
public sealed record DeliveryOptions
{
    /// <summary>The smarthost that mail for other hosts is handed to; null: it goes to the mail exchangers of each domain.</summary>
    public HostPort? RelayHost { get; init; }

    /// <summary>The port of mail exchangers.</summary>
    public int SmtpPort { get; init; } = 25;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Hand nothing on without TLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>Where TLS is required, require a certificate of the relay host that is valid for its name too.</summary>
    public bool VerifyTls { get; init; } = true;
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
}

/// <summary>Section <c>dns</c>.</summary>
public sealed record DnsOptions
{
    /// <summary>Resolvers to ask; empty: those of the system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];
}
