using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailServer.Network.Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Network.Acme;

/// <summary>
/// Solves tls-alpn-01 challenges (RFC 8737): handshakes with the ALPN protocol <c>acme-tls/1</c> get a certificate that proves control over the name.
/// ClientHellos are inspected only while a challenge is pending.
/// </summary>
public sealed class TlsAlpnChallenges(TimeProvider time) : IChallengeSolver, IHandshakeChallenges
{
    private static readonly SslApplicationProtocol Protocol = new("acme-tls/1");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, SslServerAuthenticationOptions> _answers = new(StringComparer.OrdinalIgnoreCase);

    public string Type => "tls-alpn-01";

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answers[answer.Name] = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(Certificate(answer), additionalCertificates: null, offline: true),
            ApplicationProtocols = [Protocol],
            AllowRenegotiation = false,
        };
        return Task.CompletedTask;
    }

    public Task WithdrawAsync(ChallengeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answers.TryRemove(answer.Name, out _);
        return Task.CompletedTask;
    }

    /// <summary>Marks connections of an HTTPS listener that offer this protocol; must be added before <c>UseHttps</c>.</summary>
    public void Watch(ListenOptions listener) => listener.Use(next => async connection =>
    {
        if (!_answers.IsEmpty && await AsksAsync(connection)) connection.Features.Set(Mark.Instance);
        await next(connection);
    });

    /// <summary>The TLS options for a validation handshake; null for all others.</summary>
    public SslServerAuthenticationOptions? OptionsFor(BaseConnectionContext connection, string? name) =>
        name is not null && connection.Features.Get<Mark>() is not null ? _answers.GetValueOrDefault(name) : null;

    private async Task<bool> AsksAsync(ConnectionContext connection)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, connection.ConnectionClosed);
        try
        {
            return await ClientHello.OffersAsync(connection.Transport.Input, Protocol.Protocol, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The handshake that follows has its own time limit and reports the error.
            return false;
        }
    }

    /// <summary>RFC 8737 §3: self-signed, with one name and the hash of the key authorization in a critical extension.</summary>
    private X509Certificate2 Certificate(ChallengeAnswer answer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ACME challenge", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(answer.Name);
        request.CertificateExtensions.Add(names.Build());
        var hash = new AsnWriter(AsnEncodingRules.DER);
        hash.WriteOctetString(SHA256.HashData(Encoding.ASCII.GetBytes(answer.KeyAuthorization)));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.5.5.7.1.31", hash.Encode(), critical: true));
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    private sealed class Mark
    {
        public static Mark Instance { get; } = new();
    }
}
