using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using MailServer.Domain.Formatting;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.NodeLinks;

/// <summary>How the nodes of a cluster speak to each other: every bound, and with <see cref="Identity"/> mutual TLS.</summary>
public sealed record NodeLinkOptions
{
    public required IPAddress Listen { get; init; }

    public required int Port { get; init; }

    /// <summary>Asked at each handshake, so that a renewed certificate needs no restart; null: no TLS, on a network of the nodes' own.</summary>
    public Func<NodeIdentity>? Identity { get; init; }

    /// <summary>Called when the certificate of a peer is refused, with the reason.</summary>
    public Action<string> Refused { get; init; } = static _ => { };

    /// <summary>The largest frame, in octets; a peer that announces more is cut off.</summary>
    public int MaxFrame { get; init; } = 1024 * 1024;

    /// <summary>Octets that may wait to be written; beyond it <see cref="NodeLink.TryWrite"/> says no.</summary>
    public int MaxBacklog { get; init; } = 16 * 1024 * 1024;

    /// <summary>Incoming connections at once, handshakes included.</summary>
    public int MaxLinks { get; init; } = 256;

    /// <summary>The longest wait for a TCP connection to another node.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time of a TLS handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a node shows to the others, and whom it trusts.</summary>
/// <param name="Certificate">With its private key.</param>
/// <param name="Authorities">Only certificates signed by one of these are accepted.</param>
public sealed record NodeIdentity(X509Certificate2 Certificate, X509Certificate2Collection Authorities)
{
    /// <summary>Why <paramref name="certificate"/> is not accepted; null when it is.</summary>
    public string? FindFault(X509Certificate2? certificate)
    {
        if (certificate is null) return "shows no certificate";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain.Build(certificate)) return null;
        var reasons = string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()));
        return chain.ChainStatus.All(static s => s.Status == X509ChainStatusFlags.NotTimeValid)
            ? $"shows a certificate ({certificate.Subject}) that is valid from {UtcText.Of(certificate.NotBefore)} to {UtcText.Of(certificate.NotAfter)} only"
            : $"shows a certificate ({certificate.Subject}) that is not of our authority: {reasons}";
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
