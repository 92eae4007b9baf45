using System.Security.Cryptography;
using MailServer.Domain.Dns;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>A signer's public key as published in DNS (RFC 6376 §3.6.1).</summary>
internal sealed class DkimPublicKey
{
    private const int MinRsaBits = 1024;
    private const int MaxRsaBits = 8192;

    private readonly TagList _tags;
    private readonly byte[] _key;

    private DkimPublicKey(TagList tags, byte[] key)
    {
        _tags = tags;
        _key = key;
    }

    public bool IsTesting => Flags.Contains("y");

    /// <summary>With t=s the domain of i= must equal d=.</summary>
    public bool IsStrict => Flags.Contains("s");

    private string Type => _tags["k"] ?? "rsa";

    private string[] Flags => (_tags.Compact("t") ?? "").Split(':');

    public static async Task<Lookup> FindAsync(IDnsLookup dns, string selector, string domain, CancellationToken cancel)
    {
        var name = $"{selector}._domainkey.{domain}";
        switch (await dns.LookupTxtAsync(name, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure failure:
                return new Lookup.DnsUnavailable(failure.Reason);
            case DnsAnswer<string>.RecordsFound found:
                // With several records the result is undefined (§3.6.2.2). Use the first valid key.
                Lookup last = new Lookup.KeyUnusable($"{name} contains no DKIM key");
                foreach (var text in found.Values)
                    if ((last = Parse(name, text)) is Lookup.KeyFound) break;
                return last;
            default:
                return new Lookup.KeyUnusable($"no key at {name}");
        }
    }

    /// <summary>Verifies the signature of a SHA-256 hash. The error states why the key cannot be used.</summary>
    public (bool IsGood, int Bits, string? Error) Verify(string algorithm, byte[] hash, byte[] signature) => (algorithm, Type) switch
    {
        (MessageSignature.RsaSha256, "rsa") => VerifyRsa(hash, signature),
        (MessageSignature.Ed25519Sha256, "ed25519") => VerifyEd25519(hash, signature),
        (MessageSignature.RsaSha256 or MessageSignature.Ed25519Sha256, _) => (false, 0, $"the key is of type {Type}"),
        ("rsa-sha1", _) => (false, 0, "rsa-sha1 is no longer acceptable (RFC 8301)"),
        _ => (false, 0, "a= is unknown"),
    };

    private static Lookup Parse(string name, string text)
    {
        if (!TagList.TryParse(text, out var tags)) return new Lookup.KeyUnusable($"the record at {name} is malformed");
        if (tags["v"] is { } version && (version != "DKIM1" || tags.FirstName != "v")) return new Lookup.KeyUnusable($"the record at {name} is not a DKIM key");
        if (tags.Compact("p") is not { } key) return new Lookup.KeyUnusable($"the record at {name} has no p=");
        if (key.Length == 0) return new Lookup.KeyUnusable($"the key at {name} is revoked");
        if (!MessageSignature.TryDecode(key, out var octets)) return new Lookup.KeyUnusable($"p= at {name} is not base64");
        if (tags.Compact("h") is { } hashes && !hashes.Split(':').Contains("sha256")) return new Lookup.KeyUnusable($"the key at {name} is not for sha256");
        if (tags.Compact("s") is { } services && !services.Split(':').Any(s => s is "*" or "email")) return new Lookup.KeyUnusable($"the key at {name} is not for mail");
        return new Lookup.KeyFound(new DkimPublicKey(tags, octets));
    }

    private (bool IsGood, int Bits, string? Error) VerifyRsa(byte[] hash, byte[] signature)
    {
        using var rsa = RSA.Create();
        try
        {
            Import(rsa);
        }
        catch (CryptographicException)
        {
            return (false, 0, "p= is not an RSA key");
        }

        // RFC 8301 §3.2
        if (rsa.KeySize is < MinRsaBits or > MaxRsaBits) return (false, rsa.KeySize, $"the RSA key has {rsa.KeySize} bits");
        return (rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), rsa.KeySize, null);
    }

    // Either SubjectPublicKeyInfo, which nearly everyone publishes, or RSAPublicKey as §3.6.1 requires.
    private void Import(RSA rsa)
    {
        try
        {
            rsa.ImportSubjectPublicKeyInfo(_key, out _);
        }
        catch (CryptographicException)
        {
            rsa.ImportRSAPublicKey(_key, out _);
        }
    }

    // RFC 8463 §3
    private (bool IsGood, int Bits, string? Error) VerifyEd25519(byte[] hash, byte[] signature)
    {
        if (_key.Length != Ed25519.PublicKeySize) return (false, 0, "p= is not an Ed25519 key");
        const int Bits = 256;
        return (signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, _key, 0, hash, 0, hash.Length), Bits, null);
    }

    /// <summary>The result of a key lookup.</summary>
    internal abstract record Lookup
    {
        private Lookup() { }

        public sealed record KeyFound(DkimPublicKey Key) : Lookup;

        public sealed record KeyUnusable(string Reason) : Lookup;

        /// <summary>The DNS query failed.</summary>
        public sealed record DnsUnavailable(string Reason) : Lookup;
    }
}
