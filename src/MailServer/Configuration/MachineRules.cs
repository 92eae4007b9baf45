using System.Globalization;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using MailServer.Network.Diagnostics;
using MailServer.Network.Tls;
using MailServer.Storage.SafeFiles;

namespace MailServer.Configuration;

/// <summary>Rules that depend on this machine: configured files must be usable, and addresses must exist.</summary>
internal static class MachineRules
{
    public static readonly IReadOnlyList<ConfigurationRule> Errors =
    [
        new("files", CheckFiles),
        new("folders", CheckFolders),
        new("certificate", CheckCertificate),
        new("authorities", CheckAuthorities),
        new("passwords", CheckPasswords),
        new("cluster files", CheckCluster),
        new("scripts", CheckScripts),
        new("own addresses", CheckAddresses),
    ];

    /// <summary>Every file that the server reads when it starts.</summary>
    public static IEnumerable<(string Key, string Path)> Files(MailServerOptions options)
    {
        var (tls, cluster) = (options.Tls, options.Cluster);
        List<(string Key, string? Path)> files =
        [
            ("tls.cert_file", tls.CertFile), ("tls.key_file", tls.KeyFile), ("tls.extra_ca_file", tls.ExtraCaFile), ("tls.acme_ca_file", tls.AcmeCaFile),
            ("tls.acme_hmac_file", tls.AcmeHmacFile), ("delivery.relay_password_file", options.Delivery.RelayPasswordFile), ("cluster.database_file", cluster.DatabaseFile),
            ("cluster.tls_cert_file", cluster.TlsCertFile), ("cluster.tls_key_file", cluster.TlsKeyFile), ("cluster.tls_ca_file", cluster.TlsCaFile), ("admin.metrics_token_file", options.Admin.MetricsTokenFile),
            ("sieve.before", options.Sieve.Before), ("sieve.after", options.Sieve.After),
            .. options.Delivery.Routes.Select(static (r, i) => (RouteKey(i) + ".password_file", r.PasswordFile)),
        ];
        foreach (var (key, path) in files)
            if (path is not null) yield return (key, path);
    }

    private static void CheckFiles(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        foreach (var (key, path) in Files(options))
            if (FindFault(path) is { } fault) add(key, fault);
    }

    private static void CheckFolders(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var storage = options.Storage;
        foreach (var (key, path) in new[] { ("storage.data_dir", storage.DataDir), ("storage.maildir_path", storage.MaildirPath) })
            if (File.Exists(path)) add(key, $"'{path}' is a file, not a folder");
    }

    private static void CheckCertificate(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        if (options.Tls is not { CertFile: { } certificate, KeyFile: { } key } || !AreReadable(certificate, key)) return;
        Try(() => new CertificateFiles(certificate, key, options.Server.Hostname).Verify(), text => add("tls.cert_file", text));
    }

    private static void CheckAuthorities(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var tls = options.Tls;
        if (tls.ExtraCaFile is { } extra && AreReadable(extra)) Try(() => TrustedRoots.WithFile(extra), text => add("tls.extra_ca_file", text));
        if (tls.AcmeCaFile is { } own && AreReadable(own)) Try(() => AcmeHttp.Create(own).Dispose(), text => add("tls.acme_ca_file", text));
        if (tls is { AcmeKeyId: not null, AcmeHmacFile: { } hmac } && AreReadable(hmac)) Try(() => CredentialFiles.External(tls), text => add("tls.acme_hmac_file", text));
    }

    private static void CheckPasswords(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var delivery = options.Delivery;
        if (options.Admin.MetricsTokenFile is { } token && AreReadable(token)) Try(() => CredentialFiles.MetricsToken(token), text => add("admin.metrics_token_file", text));
        if (delivery is { RelayUser: not null, RelayPasswordFile: { } file } && AreReadable(file)) Try(() => CredentialFiles.RelayPassword(file), text => add("delivery.relay_password_file", text));
        foreach (var (i, route) in delivery.Routes.Index())
            if (route is { User: not null, PasswordFile: { } other } && AreReadable(other)) Try(() => CredentialFiles.RelayPassword(other), text => add(RouteKey(i) + ".password_file", text));
    }

    private static void CheckScripts(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        foreach (var (key, path) in new[] { ("sieve.before", options.Sieve.Before), ("sieve.after", options.Sieve.After) })
            if (path is not null && AreReadable(path) && SieveFiles.FindFault(path) is { } fault) add(key, $"{path}: {fault}");
    }

    private static void CheckCluster(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var cluster = options.Cluster;
        if (!cluster.Enabled) return;
        if (cluster is { Database: null, DatabaseFile: { } file } && AreReadable(file))
            Try(() => cluster.ReadConnection(), text => add("cluster.database_file", text));
        if (cluster is { TlsCertFile: { } certificate, TlsKeyFile: { } key, TlsCaFile: { } authority } && AreReadable(certificate, key, authority))
            Try(() => CredentialFiles.NodeIdentity(certificate, key, authority), text => add("cluster.tls_cert_file", text));
    }

    private static void CheckAddresses(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        const int AnyPort = 0;
        foreach (var (key, addresses) in ListenRules.Lists(options))
            foreach (var address in addresses.Where(static a => NetworkProbe.TryListen(a, AnyPort) == PortState.NoSuchAddress)) add(key, $"'{address}' is not an address of this machine");
    }

    private static string RouteKey(int index) => string.Create(CultureInfo.InvariantCulture, $"delivery.routes.{index}");

    private static bool AreReadable(params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
            if (FindFault(file) is not null) return false;
        return true;
    }

    private static string? FindFault(string path)
    {
        if (!File.Exists(path)) return $"no file '{path}'";
        try
        {
            using var file = SafeFileReader.OpenNamed(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    /// <summary>Runs a step of the start and reports its error.</summary>
    private static void Try(Action part, Action<string> complain)
    {
        try
        {
            part();
        }
        catch (Exception e) when (e is CertificateException or Common.CommandFailure or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            complain(e.Message);
        }
    }
}
