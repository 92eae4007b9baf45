using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MailServer.Network.Acme;

/// <summary>The key that signs the requests of a certificate account: ES256.</summary>
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

    /// <summary>RFC 7638.</summary>
    public string Thumbprint { get; }

    public static AcmeAccountKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">It is no key on P-256.</exception>
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

    /// <summary>What answers a challenge (RFC 8555 §8.1).</summary>
    public string Authorize(string token) => $"{token}.{Thumbprint}";

    /// <summary>Signs; without an account URL the header holds the key itself, without a payload it is a POST-as-GET (RFC 8555 §6.3).</summary>
    public Jws Sign<T>(Uri url, string? nonce, Uri? account, T? payload, JsonTypeInfo<T>? type) where T : class
    {
        var header = new JwsHeader("ES256", nonce, url, account is null ? Public : null, account?.OriginalString);
        var first = Encode(JsonSerializer.SerializeToUtf8Bytes(header, AcmeJson.Default.JwsHeader));
        var second = payload is null ? "" : Encode(JsonSerializer.SerializeToUtf8Bytes(payload, type!));
        return new Jws(first, second, Encode(_key.SignData(Encoding.ASCII.GetBytes($"{first}.{second}"), HashAlgorithmName.SHA256)));
    }

    /// <summary>Ties the account to one that the authority knows from elsewhere (RFC 8555 §7.3.4).</summary>
    public Jws Bind(ExternalAccount external, Uri url)
    {
        var first = Encode(JsonSerializer.SerializeToUtf8Bytes(new JwsHeader("HS256", null, url, null, external.KeyId), AcmeJson.Default.JwsHeader));
        var second = Encode(Encoding.ASCII.GetBytes($$"""{"crv":"{{Public.Crv}}","kty":"{{Public.Kty}}","x":"{{Public.X}}","y":"{{Public.Y}}"}"""));
        return new Jws(first, second, Encode(HMACSHA256.HashData(external.Key, Encoding.ASCII.GetBytes($"{first}.{second}"))));
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] octets) => Base64Url.EncodeToString(octets);
}

/// <summary>An account at a certificate authority that was made outside ACME.</summary>
public sealed record ExternalAccount(string KeyId, byte[] Key)
{
    /// <summary>Never the key: this may reach a log.</summary>
    public override string ToString() => $"external account {KeyId}";
}
