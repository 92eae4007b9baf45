using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Certificates;

/// <summary>
/// The certificate of a server without a configured one: P-256, for its own names and localhost. It is stored, so that clients that have accepted it accept
/// it after a restart. It is replaced when a name is missing or it is about to expire.
/// </summary>
public sealed partial class SelfSignedCertificateSource : ICertificateSource, IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(397);
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly string[] _names;
    private readonly TimeProvider _time;
    private readonly ILogger<SelfSignedCertificateSource> _log;
    private readonly PeriodicWork _looking;
    private volatile ServerCertificate _current;

    /// <param name="directory">Where it is stored; created if missing.</param>
    /// <param name="names">Host names as A-labels; the first is the subject.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs renewal failures.</param>
    public SelfSignedCertificateSource(string directory, IEnumerable<string> names, TimeProvider time, ILogger<SelfSignedCertificateSource> log)
    {
        ArgumentNullException.ThrowIfNull(time);
        Directory.CreateDirectory(directory);
        _certificateFile = Path.Combine(directory, "self-signed.crt");
        _keyFile = Path.Combine(directory, "self-signed.key");
        _names = [.. names.Append("localhost").Distinct(StringComparer.OrdinalIgnoreCase)];
        (_time, _log) = (time, log);
        _current = Kept() ?? Make();
        _looking = new PeriodicWork(Interval, new ExponentialBackoff(FirstPause, Interval), Refresh, (e, pause) => LogNotRenewed(e, _certificateFile, pause), time);
    }

    public ServerCertificate Current => _current;

    /// <summary>The PEM file, for clients that want to trust it.</summary>
    public string CertificateFile => _certificateFile;

    /// <summary>Replaces the certificate if it is about to expire.</summary>
    public void Refresh()
    {
        if (!IsFresh(_current)) _current = Make();
    }

    public void Dispose() => _looking.Dispose();

    private ServerCertificate? Kept()
    {
        if (!File.Exists(_certificateFile) || !File.Exists(_keyFile)) return null;
        try
        {
            var kept = PemCertificate.Load(_certificateFile, _keyFile);
            return IsFresh(kept) && Array.TrueForAll(_names, name => kept.Names.Contains(name, StringComparer.OrdinalIgnoreCase)) ? kept : null;
        }
        catch (CertificateException)
        {
            // A crash between writing the two files; no client has accepted this pair.
            return null;
        }
    }

    // A certificate created while the clock was ahead is not yet valid.
    private bool IsFresh(ServerCertificate certificate) =>
        new DateTimeOffset(certificate.Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero) - _time.GetUtcNow() > RenewBefore
        && new DateTimeOffset(certificate.Certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero) <= _time.GetUtcNow();

    private ServerCertificate Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(_names[0].Length <= 64 ? _names[0] : "localhost"); // RFC 5280 appendix A: ub-common-name
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(AlternativeNames());
        var now = _time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
        try
        {
            PemCertificate.Save(certificate, key, _certificateFile, _keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It serves until the next start, which creates another one.
            LogNotSaved(e, _certificateFile);
        }

        return PemCertificate.Parse(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), "the self-signed certificate");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The self-signed certificate cannot be written to {File}: clients must accept another one after the next start")]
    private partial void LogNotSaved(Exception exception, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "The self-signed certificate {File} could not be renewed; next attempt in {Pause}")]
    private partial void LogNotRenewed(Exception exception, string file, TimeSpan pause);

    private X509Extension AlternativeNames()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in _names) names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return names.Build();
    }
}
