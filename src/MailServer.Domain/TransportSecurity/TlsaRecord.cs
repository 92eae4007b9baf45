using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Domain.TransportSecurity;

/// <summary>What DNS says of the certificate of a host (RFC 6698 §2.1). Only the two DANE usages mean something to SMTP (RFC 7672 §3.1.3).</summary>
/// <param name="Usage">2: an authority of the domain's own (DANE-TA), 3: the host's own certificate (DANE-EE).</param>
/// <param name="Selector">0: the whole certificate, 1: its public key (SubjectPublicKeyInfo).</param>
/// <param name="MatchingType">0: the octets themselves, 1: their SHA-256, 2: their SHA-512.</param>
/// <param name="Data">What it must be equal to.</param>
public sealed record TlsaRecord(byte Usage, byte Selector, byte MatchingType, ReadOnlyMemory<byte> Data)
{
    public const byte TrustAnchor = 2;
    public const byte EndEntity = 3;
    private const byte WholeCertificate = 0;
    private const byte PublicKey = 1;
    private const byte Exact = 0;
    private const byte Sha256 = 1;
    private const byte Sha512 = 2;

    /// <summary>RFC 7671 §4: what is of an unknown kind, or cannot match anything, is as good as not there.</summary>
    public bool IsUsable => Usage is TrustAnchor or EndEntity && Selector is WholeCertificate or PublicKey && MatchingType switch
    {
        Exact => Data.Length > 0,
        Sha256 => Data.Length == SHA256.HashSizeInBytes,
        Sha512 => Data.Length == SHA512.HashSizeInBytes,
        _ => false,
    };

    /// <summary>Where the records of a host's SMTP service stand (RFC 6698 §3).</summary>
    public static string NameFor(string host, int port = 25) => string.Create(CultureInfo.InvariantCulture, $"_{port}._tcp.{host}");

    /// <summary>
    /// Those that are compared. Of the digests of one usage and selector only the strongest count, so that a weak one cannot be played against a
    /// strong one (RFC 7671 §9).
    /// </summary>
    public static IReadOnlyList<TlsaRecord> Strongest(IEnumerable<TlsaRecord> records)
    {
        var usable = records.Where(static r => r.IsUsable).ToArray();
        return [.. usable.Where(r => r.MatchingType == Exact || !usable.Any(o => o.Usage == r.Usage && o.Selector == r.Selector && o.MatchingType > r.MatchingType))];
    }

    public bool Matches(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!IsUsable) return false;
        var selected = Selector == WholeCertificate ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        var associated = MatchingType switch { Sha256 => SHA256.HashData(selected), Sha512 => SHA512.HashData(selected), _ => selected };
        return Data.Span.SequenceEqual(associated);
    }

    /// <summary>The certificate itself, where the record is one (<c>2 0 0</c>): the host need not send it.</summary>
    public bool TryGetCertificate(out X509Certificate2? certificate)
    {
        certificate = null;
        if (Selector != WholeCertificate || MatchingType != Exact) return false;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(Data.Span);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>As in a zone file: <c>3 1 1 0123ab…</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Usage} {Selector} {MatchingType} {Convert.ToHexStringLower(Data.Span)}");
}
