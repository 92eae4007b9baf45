using System.Globalization;
using System.Net;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Configuration;

/// <summary>What must hold between values that are each allowed.</summary>
internal static class ConfigurationRules
{
    // RFC 9106 §3.1: at least 8 KiB for each lane.
    private const long MinArgon2Memory = 8 * 1024;
    private const long MaxArgon2Memory = 1024L * 1024 * 1024;

    public static void Check(MailServerOptions options, string source, Func<string, int> lineOf, List<ConfigurationProblem> problems)
    {
        void Add(string key, string text, bool warning = false) => problems.Add(new ConfigurationProblem(source, lineOf(key), key, text) { IsWarning = warning });

        CheckPorts(options, (key, text) => Add(key, text));
        CheckTls(options.Tls, Add);
        CheckRelays(options.Delivery, (key, text) => Add(key, text));
        CheckAcme(options, (key, text) => Add(key, text));
        CheckCluster(options.Cluster, Add);
        if (FindMailAround(options) is { } mail) Add("logging.output", $"is inside {mail}, where the server keeps mail: name another directory");
        if (!options.Server.Hostname.Contains('.', StringComparison.Ordinal))
            Add("server.hostname", $"'{options.Server.Hostname}' is not a full name such as 'mail.example.org'; other servers distrust it", warning: true);
        if (options.Security.Argon2Memory < MinArgon2Memory * options.Security.Argon2Parallelism || options.Security.Argon2Memory > MaxArgon2Memory)
            Add("security.argon2_memory", "must lie between 8KB for each of argon2_parallelism and 1GB");
    }

    /// <summary>The directory of mail that the log would be taken for a part of.</summary>
    private static string? FindMailAround(MailServerOptions options) => options.Logging.Output is "stdout" or "stderr"
        ? null
        : new[] { options.Storage.MaildirPath, options.Storage.SpoolPath }.FirstOrDefault(place => RealPath.IsWithin(options.Logging.Output, place));

    private static void CheckCluster(ClusterOptions cluster, Action<string, string, bool> add)
    {
        if (cluster is { Database: not null, DatabaseFile: not null }) add("cluster.database_file", "and cluster.database say the same: keep one of them", false);
        if (cluster is { Enabled: true, Database: null, DatabaseFile: null }) add("cluster.database", "is needed: the nodes share a PostgreSQL database", false);
        // What is wrong with it is said without showing it: it may hold a password.
        if (cluster.Database is { } connection && PostgresDatabase.FindFault(connection) is { } fault) add("cluster.database", fault, false);
        if (!cluster.Enabled) return;
        if (cluster.Port == 0) add("cluster.port", "is needed: the other nodes connect to it", false);
        if (cluster.Seeds.Count == 0) add("cluster.seeds", "takes the address of every node", false);
        if (cluster.PublicAddress is null && cluster.Listen.Equals(IPAddress.Any)) add("cluster.public_address", "is needed when cluster.listen is every address", false);
        string?[] files = [cluster.TlsCertFile, cluster.TlsKeyFile, cluster.TlsCaFile];
        if (files.Any(static f => f is not null) && files.Any(static f => f is null)) add("cluster.tls_cert_file", "tls_cert_file, tls_key_file and tls_ca_file belong together", false);
        if (files.All(static f => f is null)) add("cluster.tls_cert_file", "is not set: nodes speak in the clear, and whoever reaches cluster.port can command them; keep that network to the nodes alone", true);
    }

    private static void CheckRelays(DeliveryOptions delivery, Action<string, string> add)
    {
        if (delivery.RelayUser is null != delivery.RelayPasswordFile is null) add("delivery.relay_user", "needs delivery.relay_password_file beside it, and that needs it");
        if (delivery is { RelayUser: not null, RelayHost: null }) add("delivery.relay_user", "is of use with delivery.relay_host only");
        for (var i = 0; i < delivery.Routes.Count; i++)
            if (delivery.Routes[i].User is null != delivery.Routes[i].PasswordFile is null) add(string.Create(CultureInfo.InvariantCulture, $"delivery.routes.{i}"), "needs both of user and password_file, or neither");
    }

    private static void CheckPorts(MailServerOptions options, Action<string, string> add)
    {
        var used = new List<(string Key, int Port, IReadOnlyList<IPAddress> Listen)>();
        foreach (var (key, port, listen) in Ports(options))
        {
            if (port == 0) continue;
            var clash = used.Find(u => u.Port == port && Overlap(u.Listen, listen));
            if (clash.Key is not null) add(key, string.Create(CultureInfo.InvariantCulture, $"port {port} is taken by {clash.Key}"));
            used.Add((key, port, listen));
        }
    }

    private static IEnumerable<(string Key, int Port, IReadOnlyList<IPAddress> Listen)> Ports(MailServerOptions options)
    {
        var server = options.Server;
        yield return ("server.smtp_port", server.SmtpPort, server.Listen);
        yield return ("server.submission_port", server.SubmissionPort, server.Listen);
        yield return ("server.smtps_port", server.SmtpsPort, server.Listen);
        yield return ("server.imap_port", server.ImapPort, server.Listen);
        yield return ("server.imaps_port", server.ImapsPort, server.Listen);
        yield return ("server.dav_port", server.DavPort, server.Listen);
        yield return ("server.http_port", server.HttpPort, server.Listen);
        yield return ("server.https_port", server.HttpsPort, server.Listen);
        if (options.Admin.Enabled) yield return ("admin.port", options.Admin.Port, options.Admin.Listen);
    }

    private static bool Overlap(IReadOnlyList<IPAddress> a, IReadOnlyList<IPAddress> b) => a.Any(IsAny) || b.Any(IsAny) || a.Intersect(b).Any();

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static void CheckTls(TlsOptions tls, Action<string, string, bool> add)
    {
        if (tls.CertFile is not null && tls.KeyFile is null) add("tls.cert_file", "needs tls.key_file beside it", false);
        if (tls.KeyFile is not null && tls.CertFile is null) add("tls.key_file", "needs tls.cert_file beside it", false);
        if (tls is { AutoTls: true, CertFile: not null }) add("tls.auto_tls", "has no effect beside tls.cert_file", true);
    }

    /// <summary>What cannot work is said now, and not by a certificate authority that counts failures.</summary>
    private static void CheckAcme(MailServerOptions options, Action<string, string> add)
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
