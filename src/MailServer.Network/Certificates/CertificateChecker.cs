using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Finds faults of a usable certificate that make clients warn or refuse to connect.</summary>
public static class CertificateChecker
{
    private const int SmallestRsa = 2048;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string AnyUsage = "2.5.29.37.0";

    private static readonly Dictionary<string, string> WeakSignatures = new(StringComparer.Ordinal)
    {
        ["1.2.840.113549.1.1.4"] = "MD5",
        ["1.2.840.113549.1.1.5"] = "SHA-1",
        ["1.2.840.10045.4.1"] = "SHA-1",
    };

    /// <summary>All faults, as phrases that follow a file name; empty when clients that trust its root will accept the certificate.</summary>
    /// <param name="shown">The certificate with the chain sent to clients.</param>
    /// <param name="host">The host name that clients connect to.</param>
    /// <param name="now">The current time.</param>
    public static IReadOnlyList<string> FindFaults(ServerCertificate shown, string host, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(shown);
        var (certificate, faults) = (shown.Certificate, new List<string>());
        var (from, until) = (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        if (until <= now) faults.Add("it expired on " + Date(until));
        else if (from > now) faults.Add("it is not valid before " + Date(from));
        if (!shown.IsFor(host)) faults.Add($"it is for {string.Join(", ", shown.Names)}, not for {host}");
        if (!IsForServers(certificate)) faults.Add("it is not for servers: its extended key usage lacks serverAuth");
        foreach (var weak in shown.Intermediates.Prepend(certificate))
            if (Weakness(weak) is { } weakness) faults.Add($"{(ReferenceEquals(weak, certificate) ? "it" : $"\"{NameOf(weak)}\" in its chain")} {weakness}: no connection over TLS works");
        if (MissingIssuer(shown) is { } issuer) faults.Add($"its chain is incomplete: the certificate of the issuer \"{issuer}\" is missing from the file");
        foreach (var late in shown.Intermediates.Where(c => new DateTimeOffset(c.NotAfter.ToUniversalTime()) <= now))
            faults.Add($"\"{NameOf(late)}\" in its chain expired on {Date(new DateTimeOffset(late.NotAfter.ToUniversalTime()))}");
        return faults;
    }

    /// <summary>
    /// Follows the chain through the file and returns the missing issuer. Null when the chain ends in a root, in a certificate whose root this system
    /// trusts, or in an intermediate of a private authority, whose root the clients must have.
    /// </summary>
    private static string? MissingIssuer(ServerCertificate shown)
    {
        var last = shown.Certificate;
        for (var steps = 0; steps <= shown.Intermediates.Count; steps++)
        {
            if (IsSelfIssued(last)) return null;
            if (shown.Intermediates.FirstOrDefault(c => c.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData)) is not { } issuer) break;
            last = issuer;
        }

        if (!ReferenceEquals(last, shown.Certificate) || IsOfTrustedRoot(last)) return null;
        return last.GetNameInfo(X509NameType.SimpleName, forIssuer: true);
    }

    private static bool IsForServers(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(static e => e.EnhancedKeyUsages.Cast<Oid>().Any(static o => o.Value is ServerAuthentication or AnyUsage));

    /// <summary>What OpenSSL refuses to use, and clients to accept, at their usual security level (2): keys and digests of less than 112 bits.</summary>
    private static string? Weakness(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa?.KeySize < SmallestRsa) return string.Create(CultureInfo.InvariantCulture, $"has an RSA key of {rsa.KeySize} bits only");
        // Nobody checks the signature of a root.
        return !IsSelfIssued(certificate) && WeakSignatures.TryGetValue(certificate.SignatureAlgorithm.Value ?? "", out var digest) ? $"is signed with {digest}" : null;
    }

    private static string NameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static bool IsOfTrustedRoot(X509Certificate2 certificate)
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        store.Open(OpenFlags.ReadOnly);
        return store.Certificates.Any(root => root.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData));
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
