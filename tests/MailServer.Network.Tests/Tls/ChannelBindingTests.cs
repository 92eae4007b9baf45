using System.Net.Security;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Sessions;
using MailServer.Network.Listeners;
using MailServer.Network.Tls;

namespace MailServer.Network.Tests.Tls;

/// <summary>What a sign-in can be bound to is the same on both sides of a connection, and of no other.</summary>
public sealed class ChannelBindingTests
{
    [Fact]
    public async Task Both_sides_compute_the_same_values()
    {
        var (server, client, endPoint) = await ConnectAsync(SslProtocols.Tls13);
        Assert.Equal(32, server!.Exporter!.Value.Length);
        Assert.Equal(server.Exporter.Value.ToArray(), client!.Exporter!.Value.ToArray());
        // What .NET computes has the name of the binding in front.
        Assert.EndsWith(Convert.ToHexString(server.EndPoint!.Value.Span), Convert.ToHexString(endPoint), StringComparison.Ordinal);
        var (other, _, _) = await ConnectAsync(SslProtocols.Tls13);
        Assert.NotEqual(server.Exporter.Value.ToArray(), other!.Exporter!.Value.ToArray());
    }

    [Fact]
    public async Task Before_TLS_1_3_only_the_certificate_can_be_bound_to()
    {
        var (server, _, endPoint) = await ConnectAsync(SslProtocols.Tls12);
        Assert.Null(server!.Exporter);
        Assert.EndsWith(Convert.ToHexString(server.EndPoint!.Value.Span), Convert.ToHexString(endPoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_be_turned_off()
    {
        var (server, _, _) = await ConnectAsync(SslProtocols.Tls13, binds: false);
        Assert.Null(server);
    }

    public static TheoryData<string, string, int> Signatures() => new()
    {
        { "RSA", "SHA256", 32 },
        { "RSA", "SHA384", 48 },
        { "RSA", "SHA512", 64 },
        { "ECDSA", "SHA256", 32 },
        { "ECDSA", "SHA384", 48 },
        { "ECDSA", "SHA512", 64 },
        { "PSS", "SHA256", 0 },
    };

    /// <summary>RFC 5929 §4.1: the hash function of the signature, but none weaker than SHA-256.</summary>
    [Theory]
    [MemberData(nameof(Signatures))]
    public void The_hash_is_that_of_the_signature(string algorithm, string hash, int size)
    {
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new HashAlgorithmName(hash);
        var request = algorithm == "ECDSA" ? new CertificateRequest("CN=a", ecdsa, name) : new CertificateRequest("CN=a", rsa, name, algorithm == "PSS" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal(size, ChannelBindings.EndPointOf(certificate)?.Length ?? 0);
    }

    private static async Task<(TlsBindings? Server, TlsBindings? Client, byte[] EndPoint)> ConnectAsync(SslProtocols protocol, bool binds = true)
    {
        var seen = new TaskCompletionSource<TlsBindings?>();
        await using var server = await TestServer.StartAsync(
            ListenerKind.Imaps,
            connection =>
            {
                seen.SetResult((connection.Tls as BindableTlsInfo)?.Bindings);
                return TestStreams.EchoAsync(connection);
            },
            TestCertificate.Selector,
            binds: binds);
        await using var client = new SslStream(await server.ConnectAsync(), leaveInnerStreamOpen: false);
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.test", EnabledSslProtocols = protocol, RemoteCertificateValidationCallback = static (_, _, _, _) => true });
        var bindings = await seen.Task.WaitAsync(TestStreams.Patience);
        using var token = client.TransportContext.GetChannelBinding(ChannelBindingKind.Endpoint);
        var endPoint = new byte[token!.Size];
        System.Runtime.InteropServices.Marshal.Copy(token.DangerousGetHandle(), endPoint, 0, endPoint.Length);
        return (bindings, ChannelBindings.Of(client), endPoint);
    }
}
