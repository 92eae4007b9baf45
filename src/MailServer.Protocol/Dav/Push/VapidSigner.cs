using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Timing;

namespace MailServer.Protocol.Dav.Push;

/// <summary>Signs requests to push services (RFC 8292) with the server's P-256 key, which identifies the sender.</summary>
public sealed class VapidSigner(ECDsa key, string subject, TimeProvider time)
{
    /// <summary>The lifetime of a token. RFC 8292 §2 allows at most 24 hours.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);
    private const int MaxRemembered = 1_000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (string Header, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>The public key for clients: the uncompressed point in base64url.</summary>
    public string PublicKey { get; } = Base64Url.EncodeToString(WebPushEncryption.EncodePoint(key.ExportParameters(includePrivateParameters: false).Q));

    /// <summary>The Authorization header for a push service. Tokens are cached for half of their lifetime.</summary>
    public string Authorization(Uri resource)
    {
        var origin = resource.GetLeftPart(UriPartial.Authority);
        var now = time.GetUtcNow();
        if (_known.TryGetValue(origin, out var known) && !StoredTime.IsDue(known.Until, now, Life / 2)) return known.Header;
        if (_known.Count >= MaxRemembered) _known.Clear();
        var header = $"vapid t={Sign(origin, now + Life)}, k={PublicKey}";
        _known[origin] = (header, now + (Life / 2));
        return header;
    }

    /// <summary>The push topic of a collection. It is the same in all homes that show the collection, and does not reveal the owner.</summary>
    public string TopicOf(long account, long collection) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{PublicKey} {account} {collection}"))).AsSpan(0, 18));

    private string Sign(string origin, DateTimeOffset expires)
    {
        var claims = string.Create(CultureInfo.InvariantCulture, $"{{\"aud\":\"{origin}\",\"exp\":{expires.ToUnixTimeSeconds()},\"sub\":\"{subject}\"}}");
        var signed = $"{Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        lock (_lock) return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }
}
