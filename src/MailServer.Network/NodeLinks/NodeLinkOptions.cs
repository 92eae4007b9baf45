using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using MailServer.Domain.Formatting;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.NodeLinks;

/// <summary>Settings and bounds of the links between cluster nodes, with mutual TLS if <see cref="Identity"/> is set.</summary>
public sealed record NodeLinkOptions
{
    public required IPAddress Listen { get; init; }

    public required int Port { get; init; }

    /// <summary>Called at each handshake, so that a renewed certificate needs no restart; null: no TLS, on a private network.</summary>
    public Func<NodeIdentity>? Identity { get; init; }

    /// <summary>Called with the reason when a peer's certificate is rejected.</summary>
    public Action<string> Refused { get; init; } = static _ => { };

    /// <summary>Maximum frame size in octets; a larger frame ends the connection.</summary>
    public int MaxFrame { get; init; } = 1024 * 1024;

    /// <summary>Maximum number of octets waiting to be sent; beyond it <see cref="NodeLink.TryWrite"/> returns false.</summary>
    public int MaxBacklog { get; init; } = 16 * 1024 * 1024;

    /// <summary>Maximum number of incoming connections, including handshakes.</summary>
    public int MaxLinks { get; init; } = 256;

    /// <summary>Time limit for a TCP connection to another node.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time limit for a TLS handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A node's certificate and the authorities that it trusts.</summary>
/// <param name="Certificate">The certificate with its private key.</param>
/// <param name="Authorities">Certificates must be signed by one of these.</param>
public sealed record NodeIdentity(X509Certificate2 Certificate, X509Certificate2Collection Authorities)
{
    /// <summary>Why <paramref name="certificate"/> is rejected; null when it is accepted.</summary>
    public string? FindFault(X509Certificate2? certificate)
    {
        if (certificate is null) return "sent no certificate";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain.Build(certificate)) return null;
        var reasons = string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()));
        return chain.ChainStatus.All(static s => s.Status == X509ChainStatusFlags.NotTimeValid)
            ? $"sent a certificate ({certificate.Subject}) that is only valid from {UtcText.Of(certificate.NotBefore)} to {UtcText.Of(certificate.NotAfter)}"
            : $"sent a certificate ({certificate.Subject}) that our authority did not issue: {reasons}";
    }

    internal SslServerAuthenticationOptions ForServer(RemoteCertificateValidationCallback check) => new()
    {
        ServerCertificate = Certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = check,
    };

    internal SslClientAuthenticationOptions ForClient(string host, RemoteCertificateValidationCallback check) => new()
    {
        TargetHost = host,
        ClientCertificates = [Certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => Certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = check,
    };
}
