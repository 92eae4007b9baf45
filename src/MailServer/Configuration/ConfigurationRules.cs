using System.Globalization;
using System.Net;
using System.Text;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Configuration;

/// <summary>Something that must hold between values that are each allowed.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Check">Complains of each key that breaks it.</param>
internal sealed record ConfigurationRule(string Name, Action<MailServerOptions, ConfigurationRule.Complaint> Check)
{
    public delegate void Complaint(string key, string text);
}

/// <summary>
/// What the server refuses to start with. The same list is judged by <c>config check</c> and by <c>serve</c>, so they say the same;
/// <see cref="MachineRules"/> has what the configuration alone cannot tell.
/// </summary>
internal static class ConfigurationRules
{
    // RFC 9106 §3.1: at least 8 KiB for each lane.
    private const long MinArgon2Memory = 8 * 1024;
    private const long MaxArgon2Memory = 1024L * 1024 * 1024;
    private const long MinLogSize = 64 * 1024;

    // sockaddr_un has room for 108 octets, the last of which is 0 (unix(7)).
    private const int LongestSocketPath = 107;

    public static readonly IReadOnlyList<ConfigurationRule> Refusals =
    [
        new("addresses", ListenRules.CheckAddresses),
        new("ports", ListenRules.CheckPorts),
        new("certificate files", CheckTls),
        new("relay hosts", CheckRelays),
        new("acme", CheckAcme),
        new("cluster", CheckCluster),
        new("argon2", CheckArgon2),
        new("log", CheckLog),
        new("absolute paths", CheckPaths),
        new("socket path", CheckSocketPath),
    ];

    /// <summary>The server starts all the same.</summary>
    public static readonly IReadOnlyList<ConfigurationRule> Warnings = [new("advice", Advise)];

    public static void Check(MailServerOptions options, string source, Func<string, int> lineOf, List<ConfigurationProblem> problems)
    {
        Check(Refusals, options, source, lineOf, problems);
        foreach (var rule in Warnings)
            rule.Check(options, (key, text) => problems.Add(new ConfigurationProblem(source, lineOf(key), key, text) { IsWarning = true }));
    }

    public static void Check(IEnumerable<ConfigurationRule> refusals, MailServerOptions options, string source, Func<string, int> lineOf, List<ConfigurationProblem> problems)
    {
        foreach (var rule in refusals) rule.Check(options, (key, text) => problems.Add(new ConfigurationProblem(source, lineOf(key), key, text)));
    }

    private static void Advise(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        if (!options.Server.Hostname.Contains('.', StringComparison.Ordinal))
            add("server.hostname", $"'{options.Server.Hostname}' is not a full name such as 'mail.example.org'; other servers distrust it");
        if (options.Tls is { AutoTls: true, CertFile: not null }) add("tls.auto_tls", "has no effect beside tls.cert_file");
        if (options.Cluster is { Enabled: true, TlsCertFile: null, TlsKeyFile: null, TlsCaFile: null })
            add("cluster.tls_cert_file", "is not set: nodes speak in the clear, and whoever reaches cluster.port can command them; keep that network to the nodes alone");
    }

    private static void CheckArgon2(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        if (options.Security.Argon2Memory < MinArgon2Memory * options.Security.Argon2Parallelism || options.Security.Argon2Memory > MaxArgon2Memory)
            add("security.argon2_memory", "must lie between 8KB for each of argon2_parallelism and 1GB");
    }

    /// <summary>The directory of mail that the log would be taken for a part of.</summary>
    private static string? FindMailAround(MailServerOptions options) => !options.Logging.IsFile
        ? null
        : new[] { options.Storage.MaildirPath, options.Storage.SpoolPath }.FirstOrDefault(place => RealPath.IsWithin(options.Logging.Output, place));

    private static void CheckLog(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        if (options.Logging.MaxSize < MinLogSize) add("logging.max_size", "must be at least 64KB");
        if (FindMailAround(options) is { } mail) add("logging.output", $"is inside {mail}, where the server keeps mail: name another directory");
    }

    /// <summary>A service and a shell run in different folders.</summary>
    private static void CheckPaths(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        (string Key, string? Path)[] paths =
        [
            ("storage.data_dir", options.Storage.DataDir), ("storage.database_path", options.Storage.OwnDatabasePath), ("storage.maildir_path", options.Storage.OwnMaildirPath),
            ("tls.cache_dir", options.Tls.CacheDir),
        ];
        foreach (var (key, path) in paths)
            if (path is not null && !Path.IsPathFullyQualified(path)) add(key, $"'{path}' is not an absolute path such as '/var/lib/mailserver'");
    }

    private static void CheckSocketPath(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        var path = options.Storage.AdminSocketPath;
        var octets = Encoding.UTF8.GetByteCount(path);
        if (octets > LongestSocketPath)
            add("storage.data_dir", string.Create(CultureInfo.InvariantCulture, $"is too long: the path of the socket '{path}' has {octets} octets and may have {LongestSocketPath}"));
    }

    private static void CheckCluster(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        var cluster = options.Cluster;
        if (cluster is { Database: not null, DatabaseFile: not null }) add("cluster.database_file", "and cluster.database say the same: keep one of them");
        if (cluster is { Enabled: true, Database: null, DatabaseFile: null }) add("cluster.database", "is needed: the nodes share a PostgreSQL database");
        // What is wrong with it is said without showing it: it may hold a password.
        if (cluster.Database is { } connection && PostgresDatabase.FindFault(connection) is { } fault) add("cluster.database", fault);
        if (!cluster.Enabled) return;
        if (cluster.Port == 0) add("cluster.port", "is needed: the other nodes connect to it");
        if (cluster.Seeds.Count == 0) add("cluster.seeds", "takes the address of every node");
        if (cluster.PublicAddress is null && cluster.Listen.Equals(IPAddress.Any)) add("cluster.public_address", "is needed when cluster.listen is every address");
        string?[] files = [cluster.TlsCertFile, cluster.TlsKeyFile, cluster.TlsCaFile];
        if (files.Any(static f => f is not null) && files.Any(static f => f is null)) add("cluster.tls_cert_file", "tls_cert_file, tls_key_file and tls_ca_file belong together");
    }

    private static void CheckRelays(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        var delivery = options.Delivery;
        if (delivery.RelayUser is null != delivery.RelayPasswordFile is null) add("delivery.relay_user", "needs delivery.relay_password_file beside it, and that needs it");
        if (delivery is { RelayUser: not null, RelayHost: null }) add("delivery.relay_user", "is of use with delivery.relay_host only");
        for (var i = 0; i < delivery.Routes.Count; i++)
            if (delivery.Routes[i].User is null != delivery.Routes[i].PasswordFile is null) add(string.Create(CultureInfo.InvariantCulture, $"delivery.routes.{i}"), "needs both of user and password_file, or neither");
    }

    private static void CheckTls(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        var tls = options.Tls;
        if (tls.CertFile is not null && tls.KeyFile is null) add("tls.cert_file", "needs tls.key_file beside it");
        if (tls.KeyFile is not null && tls.CertFile is null) add("tls.key_file", "needs tls.cert_file beside it");
    }

    /// <summary>What cannot work is said now, and not by a certificate authority that counts failures.</summary>
    private static void CheckAcme(MailServerOptions options, ConfigurationRule.Complaint add)
    {
        var (tls, server) = (options.Tls, options.Server);
        if ((tls.AcmeKeyId is null) != (tls.AcmeHmacFile is null)) add("tls.acme_key_id", "and tls.acme_hmac_file belong together");
        if (!tls.AutoTls || tls.CertFile is not null) return;
        var missing = tls.AcmeChallenge switch
        {
            AcmeChallengeOption.Http01 when server.HttpPort == 0 => "proves names on port 80: set server.http_port (or tls.acme_challenge)",
            AcmeChallengeOption.TlsAlpn01 when server.HttpsPort == 0 && server.DavPort == 0 => "proves names on port 443: set server.https_port (or tls.acme_challenge)",
            AcmeChallengeOption.Dns01 when tls.AcmeDnsHook is null => "needs tls.acme_dns_hook, a program that makes a TXT record",
            _ => null,
        };
        if (missing is not null) add("tls.acme_challenge", missing);
    }
}
