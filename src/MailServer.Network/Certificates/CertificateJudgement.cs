using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Finds faults of a usable certificate that make clients warn or refuse to connect.</summary>
public static class CertificateJudgement
{
    /// <summary>All faults, as phrases that follow a file name; empty when clients that trust its root will accept the certificate.</summary>
    /// <param name="shown">The certificate with the chain sent to clients.</param>
    /// <param name="host">The host name that clients connect to.</param>
    /// <param name="now">The current time.</param>
    public static IReadOnlyList<string> Faults(ServerCertificate shown, string host, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(shown);
        var (certificate, faults) = (shown.Certificate, new List<string>());
        var (from, until) = (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        if (until <= now) faults.Add("it expired on " + Date(until));
        else if (from > now) faults.Add("it is not valid before " + Date(from));
        if (!shown.IsFor(host)) faults.Add($"it is for {string.Join(", ", shown.Names)}, not for {host}");
        if (MissingIssuer(shown) is { } issuer) faults.Add($"its chain is incomplete: the certificate of the issuer \"{issuer}\" is missing from the file");
        foreach (var late in shown.Intermediates.Where(c => new DateTimeOffset(c.NotAfter.ToUniversalTime()) <= now))
            faults.Add($"\"{late.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}\" in its chain expired on {Date(new DateTimeOffset(late.NotAfter.ToUniversalTime()))}");
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

    private static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static bool IsOfTrustedRoot(X509Certificate2 certificate)
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        store.Open(OpenFlags.ReadOnly);
        return store.Certificates.Any(root => root.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData));
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
