using System.Collections.Concurrent;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Security;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>A domain's private signing key (RFC 6376, RFC 8463), stored as PKCS#8 in PEM. Thread-safe.</summary>
public abstract class DkimKey : IDisposable
{
    private const int RsaBits = 2048;
    private static readonly byte[] Ed25519Algorithm = Convert.FromHexString("300506032B6570");

    private const string PrivateKeyLabel = "PRIVATE KEY";

    private DkimKey(string domain, string selector)
    {
        Domain = domain;
        Selector = selector;
    }

    /// <summary>d=, in A-labels.</summary>
    public string Domain { get; }

    /// <summary>s=</summary>
    public string Selector { get; }

    /// <summary>a=</summary>
    public string Algorithm => $"{KeyType}-sha256";

    /// <summary>The TXT record that publishes the public key.</summary>
    public DkimDnsRecord DnsRecord => new($"{Selector}._domainkey.{Domain}", $"v=DKIM1; k={KeyType}; p={Convert.ToBase64String(PublicKey())}");

    /// <summary>k=</summary>
    protected abstract string KeyType { get; }

    public static DkimKey GenerateRsa(string domain, string selector)
    {
        using var rsa = RSA.Create(RsaBits);
        return new RsaKey(domain, selector, rsa.ExportPkcs8PrivateKey());
    }

    public static DkimKey GenerateEd25519(string domain, string selector) =>
        new Ed25519Key(domain, selector, RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize));

    /// <summary>Reads the output of <see cref="ToPem"/>, or another program's PKCS#8 (or, for RSA, PKCS#1) key in PEM.</summary>
    /// <exception cref="FormatException">The text contains no such key.</exception>
    public static DkimKey ParsePem(string domain, string selector, string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        try
        {
            var fields = PemEncoding.Find(pem);
            var der = Convert.FromBase64String(pem[fields.Base64Data]);
            if (pem[fields.Label] == PrivateKeyLabel && IsEd25519(der))
                return new Ed25519Key(domain, selector, ((Ed25519PrivateKeyParameters)PrivateKeyFactory.CreateKey(der)).GetEncoded());
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaKey(domain, selector, rsa.ExportPkcs8PrivateKey());
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or System.IO.IOException or GeneralSecurityException)
        {
            throw new FormatException("no RSA or Ed25519 private key in PEM", e);
        }
    }

    // The algorithm follows the version (RFC 5958 §2, RFC 8410 §3). BouncyCastle would test the primes of an RSA key, which takes 0.1 s.
    private static bool IsEd25519(ReadOnlySpan<byte> pkcs8) => pkcs8.Length > 5 && pkcs8[5..].StartsWith(Ed25519Algorithm);

    /// <summary>The private key as PKCS#8 in PEM.</summary>
    public string ToPem() => PemEncoding.WriteString(PrivateKeyLabel, Pkcs8());

    /// <summary>Signs a SHA-256 hash (RFC 8463 §3: Ed25519 also signs the hash).</summary>
    internal abstract byte[] Sign(ReadOnlySpan<byte> hash);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract byte[] PublicKey();

    protected abstract byte[] Pkcs8();

    protected virtual void Dispose(bool disposing) { }

    private sealed class RsaKey(string domain, string selector, byte[] pkcs8) : DkimKey(domain, selector)
    {
        // An RSA object is not thread-safe. Signing is slow enough to justify several of them.
        private readonly ConcurrentBag<RSA> _idle = [];

        protected override string KeyType => "rsa";

        internal override byte[] Sign(ReadOnlySpan<byte> hash)
        {
            var rsa = Rent();
            try
            {
                return rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
            finally
            {
                _idle.Add(rsa);
            }
        }

        protected override byte[] PublicKey()
        {
            var rsa = Rent();
            var key = rsa.ExportSubjectPublicKeyInfo();
            _idle.Add(rsa);
            return key;
        }

        protected override byte[] Pkcs8() => pkcs8;

        protected override void Dispose(bool disposing)
        {
            while (_idle.TryTake(out var rsa)) rsa.Dispose();
            base.Dispose(disposing);
        }

        private RSA Rent()
        {
            if (_idle.TryTake(out var idle)) return idle;
            var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            return rsa;
        }
    }

    private sealed class Ed25519Key(string domain, string selector, byte[] secret) : DkimKey(domain, selector)
    {
        // RFC 8410 §7: version 0, id-Ed25519, and the key as an octet string inside an octet string.
        private static readonly byte[] Prefix = Convert.FromHexString("302E020100300506032B657004220420");

        protected override string KeyType => "ed25519";

        internal override byte[] Sign(ReadOnlySpan<byte> hash)
        {
            var signature = new byte[Ed25519.SignatureSize];
            Ed25519.Sign(secret, 0, hash.ToArray(), 0, hash.Length, signature, 0);
            return signature;
        }

        protected override byte[] PublicKey()
        {
            var key = new byte[Ed25519.PublicKeySize];
            Ed25519.GeneratePublicKey(secret, 0, key, 0);
            return key;
        }

        protected override byte[] Pkcs8() => [.. Prefix, .. secret];
    }
}
