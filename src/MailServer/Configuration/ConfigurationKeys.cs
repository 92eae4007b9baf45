using System.Net;
using MailServer.Actors.Trust;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Configuration;

/// <summary>The table of all configuration keys. Reading, validation, suggestions and documentation use it.</summary>
internal static class ConfigurationKeys
{
    /// <summary>The keys of each item of <c>delivery.routes</c>.</summary>
    private static readonly ConfigurationKey<RouteOptions>[] Route =
    [
        Key("domain", ConfigurationValues.RouteDomain, (RouteOptions o, string v) => o with { Domain = v }),
        Key("host", ConfigurationValues.Host, (RouteOptions o, HostPort v) => o with { Host = v }),
        Key("user", ConfigurationValues.Text, (RouteOptions o, string v) => o with { User = v }),
        Key("password_file", ConfigurationValues.Text, (RouteOptions o, string v) => o with { PasswordFile = v }),
    ];

    /// <summary>The sections by name, except <c>domains</c>, which is a list.</summary>
    public static readonly IReadOnlyDictionary<string, IConfigurationSection> Sections = new IConfigurationSection[]
    {
        new ConfigurationSection<ServerOptions>("server", o => o.Server, (o, s) => o with { Server = s },
        [
            Key("hostname", ConfigurationValues.HostName, (ServerOptions o, string v) => o with { Hostname = v }),
            List("listen", ConfigurationValues.Address, (ServerOptions o, IReadOnlyList<IPAddress> v) => o with { Listen = v }, needsItem: true),
            Key("smtp_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { SmtpPort = v }),
            Key("submission_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { SubmissionPort = v }),
            Key("smtps_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { SmtpsPort = v }),
            Key("imap_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { ImapPort = v }),
            Key("imaps_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { ImapsPort = v }),
            Key("dav_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { DavPort = v }),
            List("proxy_protocol_from", ConfigurationValues.Network, (ServerOptions o, IReadOnlyList<IPNetwork> v) => o with { ProxyProtocolFrom = v }),
            Key("http_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { HttpPort = v }),
            Key("https_port", ConfigurationValues.Port, (ServerOptions o, int v) => o with { HttpsPort = v }),
            Key("shutdown_timeout", ConfigurationValues.Duration, (ServerOptions o, TimeSpan v) => o with { ShutdownTimeout = v }),
        ]),
        new ConfigurationSection<TlsOptions>("tls", o => o.Tls, (o, s) => o with { Tls = s },
        [
            Key("auto_tls", ConfigurationValues.Boolean, (TlsOptions o, bool v) => o with { AutoTls = v }),
            Key("email", ConfigurationValues.Email, (TlsOptions o, string v) => o with { Email = v }),
            Key("cache_dir", ConfigurationValues.Text, (TlsOptions o, string v) => o with { CacheDir = v }),
            Key("cert_file", ConfigurationValues.Text, (TlsOptions o, string v) => o with { CertFile = v }),
            Key("key_file", ConfigurationValues.Text, (TlsOptions o, string v) => o with { KeyFile = v }),
            Key("extra_ca_file", ConfigurationValues.Text, (TlsOptions o, string v) => o with { ExtraCaFile = v }),
            Key("mta_sts", ConfigurationValues.MtaStsMode, (TlsOptions o, MtaStsMode v) => o with { MtaSts = v }),
            List("names", ConfigurationValues.HostName, (TlsOptions o, IReadOnlyList<string> v) => o with { Names = v }),
            Key("acme_directory", ConfigurationValues.Https, (TlsOptions o, Uri v) => o with { AcmeDirectory = v }),
            Key("acme_rehearsal", ConfigurationValues.Https, (TlsOptions o, Uri v) => o with { AcmeRehearsal = v }),
            Key("acme_challenge", ConfigurationValues.Challenge, (TlsOptions o, AcmeChallengeOption v) => o with { AcmeChallenge = v }),
            Key("acme_dns_hook", ConfigurationValues.Text, (TlsOptions o, string v) => o with { AcmeDnsHook = v }),
            Key("acme_ca_file", ConfigurationValues.Text, (TlsOptions o, string v) => o with { AcmeCaFile = v }),
            Key("acme_key_id", ConfigurationValues.Text, (TlsOptions o, string v) => o with { AcmeKeyId = v }),
            Key("acme_hmac_file", ConfigurationValues.Text, (TlsOptions o, string v) => o with { AcmeHmacFile = v }),
        ]),
        new ConfigurationSection<StorageOptions>("storage", o => o.Storage, (o, s) => o with { Storage = s },
        [
            Key("data_dir", ConfigurationValues.Text, (StorageOptions o, string v) => o with { DataDir = v }),
            Key("database_path", ConfigurationValues.Text, (StorageOptions o, string v) => o with { DatabasePath = v }),
            Key("maildir_path", ConfigurationValues.Text, (StorageOptions o, string v) => o with { MaildirPath = v }),
            Key("max_contact_size", ConfigurationValues.Size, (StorageOptions o, long v) => o with { MaxContactSize = v }),
        ]),
        new ConfigurationSection<SecurityOptions>("security", o => o.Security, (o, s) => o with { Security = s },
        [
            Key("require_tls", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { RequireTls = v }),
            Key("verify_spf", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { VerifySpf = v }),
            Key("verify_dkim", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { VerifyDkim = v }),
            Key("verify_dmarc", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { VerifyDmarc = v }),
            Key("sign_outbound", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { SignOutbound = v }),
            Key("max_message_size", ConfigurationValues.Size, (SecurityOptions o, long v) => o with { MaxMessageSize = v }),
            List("trusted_arc_sealers", ConfigurationValues.DomainName, (SecurityOptions o, IReadOnlyList<string> v) => o with { TrustedArcSealers = v }),
            Key("dns_failure", ConfigurationValues.DnsFailure, (SecurityOptions o, DnsFailureAction v) => o with { DnsFailure = v }),
            List("dnsbl", ConfigurationValues.DomainName, (SecurityOptions o, IReadOnlyList<string> v) => o with { Dnsbl = v }),
            Key("dnsbl_action", ConfigurationValues.DnsblAction, (SecurityOptions o, BlockListAction v) => o with { DnsblAction = v }),
            Key("greylist", ConfigurationValues.Boolean, (SecurityOptions o, bool v) => o with { Greylist = v }),
            Key("greylist_delay", ConfigurationValues.Duration, (SecurityOptions o, TimeSpan v) => o with { GreylistDelay = v }),
            Key("first_contact_delay", ConfigurationValues.Delay, (SecurityOptions o, TimeSpan v) => o with { FirstContactDelay = v }),
            Key("max_incoming_per_network", ConfigurationValues.Rate, (SecurityOptions o, int v) => o with { MaxIncomingPerNetwork = v }),
            Key("max_incoming_per_domain", ConfigurationValues.Rate, (SecurityOptions o, int v) => o with { MaxIncomingPerDomain = v }),
            Key("max_outgoing_per_hour", ConfigurationValues.Rate, (SecurityOptions o, int v) => o with { MaxOutgoingPerHour = v }),
            Key("max_outgoing_per_day", ConfigurationValues.Rate, (SecurityOptions o, int v) => o with { MaxOutgoingPerDay = v }),
            Key("max_new_recipients_per_day", ConfigurationValues.Rate, (SecurityOptions o, int v) => o with { MaxNewRecipientsPerDay = v }),
            Key("ban_after", ConfigurationValues.Number(0, 1000), (SecurityOptions o, int v) => o with { BanAfter = v }),
            Key("ban_time", ConfigurationValues.Duration, (SecurityOptions o, TimeSpan v) => o with { BanTime = v }),
            List("ban_exempt", ConfigurationValues.Network, (SecurityOptions o, IReadOnlyList<IPNetwork> v) => o with { BanExempt = v }),
            Key("argon2_memory", ConfigurationValues.Size, (SecurityOptions o, long v) => o with { Argon2Memory = v }),
            Key("argon2_passes", ConfigurationValues.Number(1, 64), (SecurityOptions o, int v) => o with { Argon2Passes = v }),
            Key("argon2_parallelism", ConfigurationValues.Number(1, 16), (SecurityOptions o, int v) => o with { Argon2Parallelism = v }),
        ]),
        new ConfigurationSection<LoggingOptions>("logging", o => o.Logging, (o, s) => o with { Logging = s },
        [
            Key("level", ConfigurationValues.Level, (LoggingOptions o, LogLevelOption v) => o with { Level = v }),
            Key("format", ConfigurationValues.Format, (LoggingOptions o, LogFormat v) => o with { Format = v }),
            Key("output", ConfigurationValues.Text, (LoggingOptions o, string v) => o with { Output = v }),
            Key("max_size", ConfigurationValues.Size, (LoggingOptions o, long v) => o with { MaxSize = v }),
            Key("keep", ConfigurationValues.Number(1, 1_000), (LoggingOptions o, int v) => o with { Keep = v }),
        ]),
        new ConfigurationSection<DeliveryOptions>("delivery", o => o.Delivery, (o, s) => o with { Delivery = s },
        [
            Key("relay_host", ConfigurationValues.Host, (DeliveryOptions o, HostPort v) => o with { RelayHost = v }),
            Key("relay_user", ConfigurationValues.Text, (DeliveryOptions o, string v) => o with { RelayUser = v }),
            Key("relay_password_file", ConfigurationValues.Text, (DeliveryOptions o, string v) => o with { RelayPasswordFile = v }),
            Key("relay_plaintext_auth", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { RelayPlaintextAuth = v }),
            new ObjectListKey<DeliveryOptions, RouteOptions>("routes", "{domain: example.net, host: relay.example.net:587}", Route, ["domain", "host"], (o, v) => o with { Routes = v }),
            Key("smtp_port", ConfigurationValues.Port, (DeliveryOptions o, int v) => o with { SmtpPort = v }),
            Key("private_hosts", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { PrivateHosts = v }),
            Key("connect_timeout", ConfigurationValues.Duration, (DeliveryOptions o, TimeSpan v) => o with { ConnectTimeout = v }),
            Key("command_timeout", ConfigurationValues.Duration, (DeliveryOptions o, TimeSpan v) => o with { CommandTimeout = v }),
            Key("require_tls", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { RequireTls = v }),
            Key("verify_tls", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { VerifyTls = v }),
            Key("mta_sts", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { MtaSts = v }),
            Key("mta_sts_port", ConfigurationValues.Port, (DeliveryOptions o, int v) => o with { MtaStsPort = v }),
            Key("dane", ConfigurationValues.Boolean, (DeliveryOptions o, bool v) => o with { Dane = v }),
        ]),
        new ConfigurationSection<QueueOptions>("queue", o => o.Queue, (o, s) => o with { Queue = s },
        [
            Key("max_retries", ConfigurationValues.Number(0, 1000), (QueueOptions o, int v) => o with { MaxRetries = v }),
            Key("retry_max_age", ConfigurationValues.Duration, (QueueOptions o, TimeSpan v) => o with { RetryMaxAge = v }),
            Key("retry_first", ConfigurationValues.Duration, (QueueOptions o, TimeSpan v) => o with { RetryFirst = v }),
            Key("retry_longest", ConfigurationValues.Duration, (QueueOptions o, TimeSpan v) => o with { RetryLongest = v }),
            Key("delay_notice", ConfigurationValues.Duration, (QueueOptions o, TimeSpan v) => o with { DelayNotice = v }),
        ]),
        new ConfigurationSection<ReportsOptions>("reports", o => o.Reports, (o, s) => o with { Reports = s },
        [
            Key("dmarc", ConfigurationValues.Boolean, (ReportsOptions o, bool v) => o with { Dmarc = v }),
            Key("tls", ConfigurationValues.Boolean, (ReportsOptions o, bool v) => o with { Tls = v }),
            Key("from", ConfigurationValues.Email, (ReportsOptions o, string v) => o with { From = v }),
            Key("send_after", ConfigurationValues.Duration, (ReportsOptions o, TimeSpan v) => o with { SendAfter = v }),
            Key("send_spread", ConfigurationValues.Duration, (ReportsOptions o, TimeSpan v) => o with { SendSpread = v }),
            Key("keep", ConfigurationValues.Duration, (ReportsOptions o, TimeSpan v) => o with { Keep = v }),
            List("receive_at", ConfigurationValues.Email, (ReportsOptions o, IReadOnlyList<string> v) => o with { ReceiveAt = v }),
        ]),
        new ConfigurationSection<AdminOptions>("admin", o => o.Admin, (o, s) => o with { Admin = s },
        [
            Key("enabled", ConfigurationValues.Boolean, (AdminOptions o, bool v) => o with { Enabled = v }),
            List("listen", ConfigurationValues.Address, (AdminOptions o, IReadOnlyList<IPAddress> v) => o with { Listen = v }, needsItem: true),
            Key("port", ConfigurationValues.Port, (AdminOptions o, int v) => o with { Port = v }),
            Key("tls", ConfigurationValues.Boolean, (AdminOptions o, bool v) => o with { Tls = v }),
            List("names", ConfigurationValues.Text, (AdminOptions o, IReadOnlyList<string> v) => o with { Names = v }),
        ]),
        new ConfigurationSection<DnsOptions>("dns", o => o.Dns, (o, s) => o with { Dns = s },
        [
            List("servers", ConfigurationValues.DnsServer, (DnsOptions o, IReadOnlyList<IPEndPoint> v) => o with { Servers = v }),
            Key("trust_ad", ConfigurationValues.Boolean, (DnsOptions o, bool v) => o with { TrustAd = v }),
        ]),
        new ConfigurationSection<HealthOptions>("health", o => o.Health, (o, s) => o with { Health = s },
        [
            List("skip", ConfigurationValues.HealthCheck, (HealthOptions o, IReadOnlyList<string> v) => o with { Skip = v }),
            Key("probe", ConfigurationValues.Host, (HealthOptions o, HostPort v) => o with { Probe = v }),
            List("block_lists", ConfigurationValues.DomainName, (HealthOptions o, IReadOnlyList<string> v) => o with { BlockLists = v }),
            Key("digest", ConfigurationValues.Boolean, (HealthOptions o, bool v) => o with { Digest = v }),
            Key("backup_age", ConfigurationValues.Duration, (HealthOptions o, TimeSpan v) => o with { BackupAge = v }),
        ]),
        new ConfigurationSection<PushOptions>("push", o => o.Push, (o, s) => o with { Push = s },
        [
            Key("enabled", ConfigurationValues.Boolean, (PushOptions o, bool v) => o with { Enabled = v }),
            Key("private_hosts", ConfigurationValues.Boolean, (PushOptions o, bool v) => o with { PrivateHosts = v }),
        ]),
        new ConfigurationSection<ClusterOptions>("cluster", o => o.Cluster, (o, s) => o with { Cluster = s },
        [
            Key("enabled", ConfigurationValues.Boolean, (ClusterOptions o, bool v) => o with { Enabled = v }),
            Key("node", ConfigurationValues.HostName, (ClusterOptions o, string v) => o with { Node = v }),
            Key("database", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { Database = v }),
            Key("database_file", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { DatabaseFile = v }),
            Key("listen", ConfigurationValues.Address, (ClusterOptions o, IPAddress v) => o with { Listen = v }),
            Key("port", ConfigurationValues.Port, (ClusterOptions o, int v) => o with { Port = v }),
            Key("public_address", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { PublicAddress = v }),
            List("seeds", ConfigurationValues.Host, (ClusterOptions o, IReadOnlyList<HostPort> v) => o with { Seeds = v }),
            Key("role", ConfigurationValues.NodeName, (ClusterOptions o, string v) => o with { Role = v }),
            Key("tls_cert_file", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { TlsCertFile = v }),
            Key("tls_key_file", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { TlsKeyFile = v }),
            Key("tls_ca_file", ConfigurationValues.Text, (ClusterOptions o, string v) => o with { TlsCaFile = v }),
        ]),
    }.ToDictionary(static s => s.Name, StringComparer.Ordinal);

    public const string Domains = "domains";

    /// <summary>The keys of each item of <c>domains</c>.</summary>
    public static readonly IReadOnlyList<ConfigurationKey<DomainOptions>> Domain =
    [
        Key("name", ConfigurationValues.DomainName, (DomainOptions o, string v) => o with { Name = v }),
        Key("dkim_selector", ConfigurationValues.Selector, (DomainOptions o, string v) => o with { DkimSelector = v }),
        Key("dkim_key_file", ConfigurationValues.Text, (DomainOptions o, string v) => o with { DkimKeyFile = v }),
    ];

    private static ScalarKey<TOptions, T> Key<TOptions, T>(string name, ConfigurationValue<T> value, Func<TOptions, T, TOptions> set) => new(name, value, set);

    private static ListKey<TOptions, T> List<TOptions, T>(string name, ConfigurationValue<T> value, Func<TOptions, IReadOnlyList<T>, TOptions> set, bool needsItem = false) => new(name, value, set, needsItem);
}
