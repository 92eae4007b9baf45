using MailServer.Domain.TransportSecurity;

namespace MailServer.Configuration;

/// <summary>Section <c>tls</c>.</summary>
public sealed record TlsOptions
{
    [Key("Order and renew certificates automatically (ACME) for `server.hostname`, `tls.names`, and the names `mta-sts.`, `autoconfig.` and `autodiscover.` of each domain, if DNS has them. Setting it accepts the terms of the certificate authority. Until the first certificate is issued, and if neither `auto_tls` nor `cert_file` is set, the server uses a self-signed certificate.")]
    public bool AutoTls { get; init; }

    [Key("The contact address of the ACME account.", Value = nameof(ConfigurationValues.Email), Example = "postmaster@example.org")]
    public string? Email { get; init; }

    /// <summary>The configured value; use <see cref="MailServerOptions.CertificateDirectory"/>.</summary>
    [Key("The folder for ordered certificates and their keys. Default: `acme` in `storage.data_dir`.", Example = "/var/lib/mailserver/acme")]
    public string? CacheDir { get; init; }

    [Key("A certificate of your own with its chain, in PEM.", Example = "/etc/mailserver/fullchain.pem", IsFileReread = true)]
    public string? CertFile { get; init; }

    [Key("The private key of `cert_file`, in PEM.", Example = "/etc/mailserver/privkey.pem", IsFileReread = true)]
    public string? KeyFile { get; init; }

    [Key(
        "Certificate authorities to trust in addition to those of the system, in PEM: for a smarthost or a network with its own authority.",
        Example = "/etc/mailserver/ca.pem")]
    public string? ExtraCaFile { get; init; }

    [Key("The mode of our MTA-STS policy for servers that send to us. It takes effect with its DNS record (`mailserver dns records`). Use `enforce` only with a certificate that everybody trusts.")]
    public MtaStsMode MtaSts { get; init; } = MtaStsMode.Testing;

    [Key("Offer mail clients a sign-in that is bound to the TLS connection (SCRAM-SHA-256-PLUS), which somebody between client and server cannot pass on. Off by default, because some clients choose it and then fail (neomutt and mutt with libgsasl, as in Debian 12); a proxy in front of the server must not have a TLS connection of its own with the clients.")]
    public bool ChannelBinding { get; init; }

    [Key("Additional names to order certificates for.", Value = nameof(ConfigurationValues.HostName))]
    public IReadOnlyList<string> Names { get; init; } = [];

    [Key("The directory URL of the certificate authority.")]
    public Uri AcmeDirectory { get; init; } = new("https://acme-v02.api.letsencrypt.org/directory");

    [Key(
        "A staging authority. The first order for each name is tested there, where failures do not count against rate limits.",
        Example = "https://acme-staging-v02.api.letsencrypt.org/directory")]
    public Uri? AcmeRehearsal { get; init; }

    [Key(
        "How names are validated: `http-01` (port 80 reaches `server.http_port`), `tls-alpn-01` (port 443 reaches `server.https_port` or `dav_port`) or `dns-01` (a program creates TXT records).",
        Value = nameof(ConfigurationValues.Challenge))]
    public AcmeChallengeOption AcmeChallenge { get; init; } = AcmeChallengeOption.Http01;

    [Key(
        "The program for `dns-01`. It is called as `HOOK present|cleanup _acme-challenge.NAME VALUE` and returns 0 when all name servers have the TXT record.",
        Example = "/etc/mailserver/dns-hook", IsFileReread = true)]
    public string? AcmeDnsHook { get; init; }

    [Key("The root certificate of a private certificate authority, in PEM.", Example = "/etc/mailserver/acme-ca.pem")]
    public string? AcmeCaFile { get; init; }

    /// <summary>The key id of an external account at the authority (RFC 8555 §7.3.4).</summary>
    [Key("The key id of an existing account at the authority (external account binding). Requires `acme_hmac_file`.", Example = "kid-1")]
    public string? AcmeKeyId { get; init; }

    [Key("A file with the key of that account, in base64url.", Example = "/etc/mailserver/acme-hmac")]
    public string? AcmeHmacFile { get; init; }
}

/// <summary>The ACME challenge that proves control of a name.</summary>
public enum AcmeChallengeOption
{
    Http01,
    TlsAlpn01,
    Dns01,
}
