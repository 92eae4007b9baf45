using System.Globalization;
using System.Net;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>Settings of a test server that differ from the defaults.</summary>
public sealed record ServerSettings
{
    public string Domain { get; init; } = "example.test";

    /// <summary>An existing folder for all files of the server; null: a temporary one.</summary>
    public string? Folder { get; init; }

    /// <summary>The host name of the server; by default <c>mail.</c> and the domain.</summary>
    public string? Hostname { get; init; }

    public bool RequireTls { get; init; } = true;

    public long MaxMessageSize { get; init; } = 25 * 1024 * 1024;

    /// <summary><c>host:port</c> of a smarthost without TLS; null when there is none.</summary>
    public string? RelayHost { get; init; }

    /// <summary>The DNS server to use; if set, incoming mail is authenticated.</summary>
    public IPEndPoint? DnsServer { get; init; }

    /// <summary>Sign-ins can be bound to the TLS connection.</summary>
    public bool BindsSignIns { get; init; }

    /// <summary>Keys of the section <c>tls</c> in place of <c>auto_tls: false</c>.</summary>
    public string AutoTls { get; init; } = "  auto_tls: false";

    /// <summary>The plain HTTP port; 0: none.</summary>
    public int HttpPort { get; init; }

    /// <summary>Lines of the section <c>security</c>.</summary>
    public IReadOnlyList<string> Security { get; init; } = [];

    /// <summary>True: passwords are hashed at the default cost. It is half a second for each new account and each first sign-in, so most tests do without.</summary>
    public bool HasSlowHashes { get; init; }

    /// <summary>Additional trusted certificate authorities; null: none.</summary>
    public string? ExtraCaFile { get; init; }

    /// <summary>Keys for the section <c>server</c>.</summary>
    public string Server { get; init; } = "";

    /// <summary>Additional configuration sections.</summary>
    public string Extra { get; init; } = "";
}

/// <summary>One free loopback port for each listener.</summary>
public sealed record ServerPorts(int Smtp, int Submission, int Submissions, int Imap, int Imaps, int Dav, int Admin, int ManageSieve = 0, int ManageSieves = 0)
{
    /// <summary>The ports of the mail protocols.</summary>
    public IReadOnlyList<int> Mail => [.. new[] { Smtp, Submission, Submissions, Imap, Imaps, ManageSieve, ManageSieves }.Where(static p => p != 0)];

    public static ServerPorts Free() =>
        new(FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take());
}

/// <summary>Writes the configuration file of a test server.</summary>
public static class ServerConfiguration
{
    public static string Write(ServerSettings settings, ServerPorts ports, string directory)
    {
        var relay = settings.RelayHost is null ? "" : $"""
            delivery:
              relay_host: {settings.RelayHost}
              require_tls: false

            """;
        var verify = settings.DnsServer is null ? "false" : "true";
        string[] hashes = settings.HasSlowHashes ? [] : ["argon2_memory: 64KB", "argon2_passes: 1"];
        var dns = settings.DnsServer is null ? "" : $"""
            dns:
              servers: {settings.DnsServer}

            """;
        return string.Create(CultureInfo.InvariantCulture, $"""
            server:
              hostname: {settings.Hostname ?? "mail." + settings.Domain}
              listen: 127.0.0.1
              smtp_port: {ports.Smtp}
              submission_port: {ports.Submission}
              smtps_port: {ports.Submissions}
              imap_port: {ports.Imap}
              imaps_port: {ports.Imaps}
              managesieve_port: {ports.ManageSieve}
              managesieves_port: {ports.ManageSieves}
              dav_port: {ports.Dav}
              {settings.Server}
              http_port: {settings.HttpPort}
            tls:
              channel_binding: {(settings.BindsSignIns ? "true" : "false")}
            {settings.AutoTls}
              cache_dir: {directory}/acme
              extra_ca_file: {settings.ExtraCaFile}
            storage:
              data_dir: {directory}/data
              database_path: {directory}/data/mail.db
              maildir_path: {directory}/data/maildir
            domains:
              - name: {settings.Domain}
                dkim_selector: mail
                dkim_key_file: {directory}/dkim/{settings.Domain}.key
            security:
              require_tls: {(settings.RequireTls ? "true" : "false")}
              verify_spf: {verify}
              verify_dkim: {verify}
              verify_dmarc: {verify}
              sign_outbound: true
              max_message_size: {settings.MaxMessageSize}
            {string.Concat(settings.Security.Concat(hashes).Select(line => $"  {line}\n"))}
            logging:
              level: info
              format: json
              output: {directory}/server.log
            admin:
              enabled: true
              listen: 127.0.0.1
              port: {ports.Admin}
            {relay}
            {dns}
            {settings.Extra}
            """);
    }
}
