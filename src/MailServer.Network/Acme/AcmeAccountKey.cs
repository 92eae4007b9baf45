using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MailServer.Network.Acme;

/// <summary>The ES256 key that signs an ACME account's requests.</summary>
internal sealed class AcmeAccountKey : IDisposable
{
    private readonly ECDsa _key;

    private AcmeAccountKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        Public = new Jwk("P-256", "EC", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(
            Encoding.ASCII.GetBytes($$"""{"crv":"{{Public.Crv}}","kty":"{{Public.Kty}}","x":"{{Public.X}}","y":"{{Public.Y}}"}""")));
    }

    public Jwk Public { get; }

    /// <summary>RFC 7638 thumbprint.</summary>
    public string Thumbprint { get; }

    public static AcmeAccountKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">The PEM text is not a P-256 private key.</exception>
    public static AcmeAccountKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new AcmeAccountKey(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CryptographicException("no usable account key", e);
        }
    }

    public string ToPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>The key authorization for a challenge token (RFC 8555 §8.1).</summary>
    public string Authorize(string token) => $"{token}.{Thumbprint}";

    /// <summary>Signs a request. Without an account URL the header contains the public key; without a payload it is a POST-as-GET (RFC 8555 §6.3).</summary>
    public Jws Sign<T>(Uri url, string? nonce, Uri? account, T? payload, JsonTypeInfo<T>? type) where T : class
    {
        var header = new JwsHeader("ES256", nonce, url, account is null ? Public : null, account?.OriginalString);
        var first = Encode(JsonSerializer.SerializeToUtf8Bytes(header, AcmeJson.Default.JwsHeader));
        var second = payload is null ? "" : Encode(JsonSerializer.SerializeToUtf8Bytes(payload, type!));
        return new Jws(first, second, Encode(_key.SignData(Encoding.ASCII.GetBytes($"{first}.{second}"), HashAlgorithmName.SHA256)));
    }

    /// <summary>Binds the new account to an existing account at the authority (RFC 8555 §7.3.4).</summary>
    public Jws Bind(ExternalAccount external, Uri url)
    {
        var first = Encode(JsonSerializer.SerializeToUtf8Bytes(new JwsHeader("HS256", null, url, null, external.KeyId), AcmeJson.Default.JwsHeader));
        var second = Encode(Encoding.ASCII.GetBytes($$"""{"crv":"{{Public.Crv}}","kty":"{{Public.Kty}}","x":"{{Public.X}}","y":"{{Public.Y}}"}"""));
        return new Jws(first, second, Encode(HMACSHA256.HashData(external.Key, Encoding.ASCII.GetBytes($"{first}.{second}"))));
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] octets) => Base64Url.EncodeToString(octets);
}

/// <summary>An account at the certificate authority that was created outside ACME.</summary>
public sealed record ExternalAccount(string KeyId, byte[] Key)
{
    /// <summary>Omits the key, because this text may be logged.</summary>
    public override string ToString() => $"external account {KeyId}";
}
