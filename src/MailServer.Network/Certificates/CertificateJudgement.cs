using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>What is wrong with a certificate that can be used: clients will warn or refuse to connect.</summary>
public static class CertificateJudgement
{
    /// <summary>Every fault, each as words that follow the name of a file; none when clients that know its root will accept it.</summary>
    /// <param name="shown">The certificate with the chain that is sent.</param>
    /// <param name="host">The name that clients connect to.</param>
    /// <param name="now">The present time.</param>
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
    /// Follows the chain upwards through the file. Null when it ends in a root, in a certificate whose root this system trusts, or in one that a
    /// private authority signed and that is itself an authority: its root is not sent, and is the clients' business.
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
