using System.Globalization;
using System.Net;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Network.Outbound;
using MailServer.Protocol.Contacts;
using MailServer.Storage.Postgres;

namespace MailServer.Configuration;

/// <summary>A constraint between values that are valid individually.</summary>
/// <param name="Name">Its subject.</param>
/// <param name="Check">Reports each key that violates it.</param>
internal sealed record ConfigurationRule(string Name, Action<MailServerOptions, ConfigurationRule.ProblemReporter> Check)
{
    public delegate void ProblemReporter(string key, string text);
}

/// <summary>
/// The constraints that prevent a start when violated. <c>config check</c> and <c>serve</c> use the same list. <see cref="MachineRules"/> contains those
/// that depend on the machine.
/// </summary>
internal static class ConfigurationRules
{
    // RFC 9106 §3.1: at least 8 KiB for each lane.
    private const long MinArgon2Memory = 8 * 1024;
    private const long MaxArgon2Memory = 1024L * 1024 * 1024;
    private const long MinLogSize = 64 * 1024;
    private const long MinContactSize = 100 * 1024;

    // sockaddr_un holds 108 octets including the terminating 0 (unix(7)).
    private const int LongestSocketPath = 107;

    public static readonly IReadOnlyList<ConfigurationRule> Errors =
    [
        new("domains", CheckDomains),
        new("addresses", ListenRules.CheckAddresses),
        new("ports", ListenRules.CheckPorts),
        new("admin port", CheckAdminPort),
        new("certificate files", CheckTls),
        new("relay hosts", CheckRelays),
        new("acme", CheckAcme),
        new("cluster", CheckCluster),
        new("argon2", CheckArgon2),
        new("log", CheckLog),
        new("administrator's contact", CheckContact),
        new("contact size", CheckContactSize),
        new("absolute paths", CheckPaths),
        new("socket path", CheckSocketPath),
        new("one use for each file", PathRules.Check),
    ];

    /// <summary>Rules whose violation is only a warning.</summary>
    public static readonly IReadOnlyList<ConfigurationRule> Warnings = [new("advice", Advise)];

    private static void CheckDomains(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        foreach (var (index, domain) in options.Domains.Index())
            if (domain.Name.Length > 0 && options.Domains.Take(index).Any(d => d.Name == domain.Name)) add(string.Create(CultureInfo.InvariantCulture, $"domains.{index}"), $"'{domain.Name}' is listed twice");
    }

    private static void CheckContact(MailServerOptions options, ConfigurationRule.ProblemReporter report)
    {
        if (options.Imap.AdminContact is { } contact && !Uri.TryCreate(contact, UriKind.Absolute, out _)) report("imap.admin_contact", "must be a URI such as mailto:admin@example.org");
    }

    private static void CheckContactSize(MailServerOptions options, ConfigurationRule.ProblemReporter report)
    {
        if (options.Storage.MaxContactSize is < MinContactSize or > ContactLimits.LargestSize) report("storage.max_contact_size", "must be at least 100 KB and at most 100 MB");
    }

    public static void Check(MailServerOptions options, string source, Func<string, int> lineOf, List<ConfigurationProblem> problems)
    {
        Check(Errors, options, source, lineOf, problems);
        foreach (var rule in Warnings)
            rule.Check(options, (key, text) => problems.Add(new ConfigurationProblem(source, lineOf(key), key, text) { IsWarning = true }));
    }

    public static void Check(IEnumerable<ConfigurationRule> refusals, MailServerOptions options, string source, Func<string, int> lineOf, List<ConfigurationProblem> problems)
    {
        foreach (var rule in refusals) rule.Check(options, (key, text) => problems.Add(new ConfigurationProblem(source, lineOf(key), key, text)));
    }

    private static void Advise(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        if (!options.Server.Hostname.Contains('.', StringComparison.Ordinal))
            add("server.hostname", $"'{options.Server.Hostname}' is not a fully qualified name such as 'mail.example.org'; other servers may reject mail");
        if (options.Tls is { AutoTls: true, CertFile: not null }) add("tls.auto_tls", "has no effect when tls.cert_file is set");
        if (options.Admin is { IsServed: true, Tls: false } && options.Admin.Listen.FirstOrDefault(static a => !IPAddress.IsLoopback(a) && IsPrivate(a)) is { } near)
            add("admin.listen", $"passwords are sent to '{near}' without TLS: set admin.tls unless the whole network is trusted");
        if (options.Cluster is { Enabled: true, TlsCertFile: null, TlsKeyFile: null, TlsCaFile: null })
            add("cluster.tls_cert_file", "is not set: connections between nodes are neither encrypted nor authenticated; allow only the nodes to reach cluster.port");
    }

    /// <summary>Passwords must not cross the Internet in plain text.</summary>
    private static void CheckAdminPort(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var admin = options.Admin;
        if (!admin.IsServed || admin.Tls) return;
        if (admin.Listen.FirstOrDefault(static a => !IsPrivate(a)) is { } open)
            add("admin.listen", $"{ListenRules.Name(open)} is public, and passwords would be sent without TLS: set admin.tls, or listen on 127.0.0.1");
    }

    private static bool IsPrivate(IPAddress address) => SpecialAddresses.KindOf(address) is AddressKind.Loopback or AddressKind.Private or AddressKind.Shared or AddressKind.LinkLocal;

    private static void CheckArgon2(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        if (options.Security.Argon2Memory < MinArgon2Memory * options.Security.Argon2Parallelism || options.Security.Argon2Memory > MaxArgon2Memory)
            add("security.argon2_memory", "must be between 8KB times argon2_parallelism and 1GB");
    }

    private static void CheckLog(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        if (options.Logging.MaxSize < MinLogSize) add("logging.max_size", "must be at least 64KB");
    }

    /// <summary>Paths must be absolute, because a service and a shell have different working directories.</summary>
    private static void CheckPaths(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        (string Key, string? Path)[] paths =
        [
            ("storage.data_dir", options.Storage.DataDir), ("storage.database_path", options.Storage.ConfiguredDatabasePath), ("storage.maildir_path", options.Storage.ConfiguredMaildirPath),
            ("tls.cache_dir", options.Tls.CacheDir),
        ];
        foreach (var (key, path) in paths)
            if (path is not null && !Path.IsPathFullyQualified(path)) add(key, $"'{path}' is not an absolute path such as '/var/lib/mailserver'");
    }

    private static void CheckSocketPath(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var path = options.Storage.AdminSocketPath;
        var octets = Encoding.UTF8.GetByteCount(path);
        if (octets > LongestSocketPath)
            add("storage.data_dir", string.Create(CultureInfo.InvariantCulture, $"is too long: the socket path '{path}' has {Quantity.Of(octets, "octet")}, the maximum is {LongestSocketPath}"));
    }

    private static void CheckCluster(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var cluster = options.Cluster;
        if (cluster is { Database: not null, DatabaseFile: not null }) add("cluster.database_file", "and cluster.database must not both be set");
        if (cluster is { Enabled: true, Database: null, DatabaseFile: null }) add("cluster.database", "is required: the nodes share a PostgreSQL database");
        // The error does not include the value, which may contain a password.
        if (cluster.Database is { } connection && PostgresDatabase.FindFault(connection) is { } fault) add("cluster.database", fault);
        if (!cluster.Enabled) return;
        if (cluster.Port == 0) add("cluster.port", "is required: the other nodes connect to it");
        if (cluster.Seeds.Count == 0) add("cluster.seeds", "must contain the address of every node");
        if (cluster.PublicAddress is null && cluster.Listen.Equals(IPAddress.Any)) add("cluster.public_address", "is required when cluster.listen is '*'");
        string?[] files = [cluster.TlsCertFile, cluster.TlsKeyFile, cluster.TlsCaFile];
        if (files.Any(static f => f is not null) && files.Any(static f => f is null)) add("cluster.tls_cert_file", "tls_cert_file, tls_key_file and tls_ca_file must be set together");
    }

    private static void CheckRelays(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var delivery = options.Delivery;
        if (delivery.RelayUser is null != delivery.RelayPasswordFile is null) add("delivery.relay_user", "and delivery.relay_password_file must be set together");
        if (delivery is { RelayUser: not null, RelayHost: null }) add("delivery.relay_user", "requires delivery.relay_host");
        for (var i = 0; i < delivery.Routes.Count; i++)
            if (delivery.Routes[i].User is null != delivery.Routes[i].PasswordFile is null) add(string.Create(CultureInfo.InvariantCulture, $"delivery.routes.{i}"), "must have both user and password_file, or neither");
    }

    private static void CheckTls(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var tls = options.Tls;
        if (tls.CertFile is not null && tls.KeyFile is null) add("tls.cert_file", "requires tls.key_file");
        if (tls.KeyFile is not null && tls.CertFile is null) add("tls.key_file", "requires tls.cert_file");
    }

    /// <summary>Rejects challenges that cannot work, before an order fails and counts against a rate limit of the authority.</summary>
    private static void CheckAcme(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var (tls, server) = (options.Tls, options.Server);
        if ((tls.AcmeKeyId is null) != (tls.AcmeHmacFile is null)) add("tls.acme_key_id", "and tls.acme_hmac_file must be set together");
        if (!tls.AutoTls || tls.CertFile is not null) return;
        var missing = tls.AcmeChallenge switch
        {
            AcmeChallengeOption.Http01 when server.HttpPort == 0 => "needs port 80: set server.http_port, or choose another tls.acme_challenge",
            AcmeChallengeOption.TlsAlpn01 when server.HttpsPort == 0 && server.DavPort == 0 => "needs port 443: set server.https_port, or choose another tls.acme_challenge",
            AcmeChallengeOption.Dns01 when tls.AcmeDnsHook is null => "requires tls.acme_dns_hook, a program that creates a TXT record",
            _ => null,
        };
        if (missing is not null) add("tls.acme_challenge", missing);
    }
}
