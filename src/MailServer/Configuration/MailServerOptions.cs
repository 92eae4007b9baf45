using MailServer.Domain.TransportSecurity;

namespace MailServer.Configuration;

/// <summary>The whole configuration, one record per section, with the default values.</summary>
public sealed record MailServerOptions
{
    [Key("Names, addresses and ports.")]
    public ServerOptions Server { get; init; } = new();

    [Key("Certificates.")]
    public TlsOptions Tls { get; init; } = new();

    [Key("Where data is kept.")]
    public StorageOptions Storage { get; init; } = new();

    [Key(
        "A list of settings for single domains. Which domains are hosted is not decided here, but by `mailserver domain add`.",
        Allowed = "a list of '- name: example.org' items, each optionally with dkim_selector and dkim_key_file")]
    public IReadOnlyList<DomainOptions> Domains { get; init; } = [];

    [Key("Checks of incoming mail, limits, sign-in and passwords.")]
    public SecurityOptions Security { get; init; } = new();

    [Key("What is offered to mail clients.")]
    public ImapOptions Imap { get; init; } = new();

    [Key("What is logged, and where.")]
    public LoggingOptions Logging { get; init; } = new();

    [Key("How mail is sent to other servers.")]
    public DeliveryOptions Delivery { get; init; } = new();

    [Key("Mail filtering scripts (Sieve) for all accounts, and what scripts may do.")]
    public SieveOptions Sieve { get; init; } = new();

    [Key("When failed deliveries are retried.")]
    public QueueOptions Queue { get; init; } = new();

    [Key("Daily DMARC and TLS reports to and from other domains.")]
    public ReportsOptions Reports { get; init; } = new();

    [Key("The admin port: the web page for administrators and users, and Prometheus metrics.")]
    public AdminOptions Admin { get; init; } = new();

    [Key("DNS resolvers.")]
    public DnsOptions Dns { get; init; } = new();

    [Key("The checks that the server runs on itself. `mailserver doctor` shows their results.")]
    public HealthOptions Health { get; init; } = new();

    [Key("Notifications of changes in calendars and contacts (WebDAV-Push).")]
    public PushOptions Push { get; init; } = new();

    [Key("Two nodes that serve the same accounts. They share `storage.data_dir` (a network file system) and a PostgreSQL database, which replaces `mail.db`, the bans and the journal of the queue. `mailserver cluster migrate` moves a single server there.")]
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>The file that the options were read from; null: none.</summary>
    internal string? ConfigurationFile { get; init; }

    /// <summary>The MTA-STS policy that a hosted domain publishes.</summary>
    /// <param name="mode">The mode of the domain; null for <c>tls.mta_sts</c>.</param>
    public MtaStsPolicy MtaStsPolicyOf(MtaStsMode? mode) => MtaStsPolicy.ForHost(Server.Hostname, mode ?? Tls.MtaSts);

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
