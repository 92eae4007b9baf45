using Microsoft.Extensions.Logging;

namespace MailServer.Network.Certificates;

/// <summary>
/// A certificate chain and its key in two PEM files, read again when either has changed. A pair that cannot be read (a renewal caught between its
/// two files, a mistake) leaves the one in use and is tried again a minute later.
/// </summary>
public sealed partial class FileCertificateSource : ICertificateSource, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly ILogger<FileCertificateSource> _log;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private volatile ServerCertificate _current;
    private (DateTime Certificate, DateTime Key) _seen;

    /// <exception cref="CertificateException">The files cannot be used; the message says why.</exception>
    public FileCertificateSource(string certificateFile, string keyFile, TimeProvider time, ILogger<FileCertificateSource> log)
    {
        ArgumentNullException.ThrowIfNull(time);
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _log = log;
        _seen = Stamps();
        _current = PemCertificate.Load(certificateFile, keyFile);
        _timer = time.CreateTimer(static source => ((FileCertificateSource)source!).Refresh(), this, Interval, Interval);
    }

    public ServerCertificate Current => _current;

    /// <summary>Reads the files again if they have changed since they were last read with success. Also for SIGHUP.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            var stamps = Stamps();
            if (stamps == _seen) return;
            try
            {
                _current = PemCertificate.Load(_certificateFile, _keyFile);
                _seen = stamps;
                LogReloaded(_certificateFile, _current.Certificate.NotAfter);
            }
            catch (CertificateException e)
            {
                LogKept(e.Message);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private (DateTime Certificate, DateTime Key) Stamps() => (File.GetLastWriteTimeUtc(_certificateFile), File.GetLastWriteTimeUtc(_keyFile));

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate read again from {File}, valid until {NotAfter}")]
    private partial void LogReloaded(string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate in use is kept: {Reason}")]
    private partial void LogKept(string reason);
}
