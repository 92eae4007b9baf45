using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Certificates;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Certificates;

/// <summary>
/// A certificate chain and its key in two PEM files, reloaded when the content of either changes; time stamps do not reveal a symbolic link with a new
/// target. If the new pair is unusable, or has faults that the current one does not have, the current one stays in use.
/// </summary>
public sealed partial class FileCertificateSource : ICertificateSource, IDisposable
{
    private const string ReloadCommand = "mailserver tls reload";
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);
    private readonly CertificateFiles _files;
    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly ILogger<FileCertificateSource> _log;
    private readonly Lock _lock = new();
    private readonly PeriodicWork _looking;
    private volatile ServerCertificate _current;
    // Digest of the files in use, so that the key is not kept in memory a second time.
    private string _seen;

    /// <exception cref="CertificateException">The files cannot be used; the message has the reason.</exception>
    public FileCertificateSource(CertificateFiles files, NodeProblems problems, TimeProvider time, ILogger<FileCertificateSource> log)
    {
        ArgumentNullException.ThrowIfNull(files);
        (_files, _problems, _time, _log) = (files, problems, time, log);
        var content = Read();
        _seen = DigestOf(content);
        _current = Parse(content);
        Judge(_current, rejected: null);
        _looking = new PeriodicWork(Interval, new ExponentialBackoff(Interval, LongestPause), () => Refresh(), (e, _) => LogNotRead(e), time);
    }

    public ServerCertificate Current => _current;

    public string CertificateFile => _files.Certificate;

    private string Subject => "certificate " + _files.Certificate;

    /// <summary>Reads the files, and uses them if they have changed and are no worse than the current certificate.</summary>
    public CertificateReloadResult Refresh()
    {
        lock (_lock)
        {
            try
            {
                var content = Read();
                if (DigestOf(content) == _seen)
                {
                    // An unchanged certificate may have expired.
                    Judge(_current, rejected: null);
                    return new CertificateReloadResult(_files.Certificate, CertificateReloadOutcome.Unchanged, Text(Faults(_current)));
                }

                return Take(Parse(content), content);
            }
            catch (CertificateException e)
            {
                if (Judge(_current, e.Message)) LogKept(e.Message);
                return new CertificateReloadResult(_files.Certificate, CertificateReloadOutcome.Kept, e.Message);
            }
        }
    }

    public void Dispose() => _looking.Dispose();

    private CertificateReloadResult Take(ServerCertificate fresh, (string Chain, string Key) content)
    {
        var faults = Faults(fresh);
        if (faults.Count > 0 && Faults(_current).Count == 0)
        {
            if (Judge(_current, Text(faults))) LogKept(Text(faults));
            return new CertificateReloadResult(_files.Certificate, CertificateReloadOutcome.Kept, Text(faults));
        }

        (_current, _seen) = (fresh, DigestOf(content));
        Judge(fresh, rejected: null);
        var notAfter = fresh.Certificate.NotAfter.ToUniversalTime();
        LogReloaded(_files.Certificate, notAfter);
        return new CertificateReloadResult(_files.Certificate, CertificateReloadOutcome.Taken, Text(faults));
    }

    private (string Chain, string Key) Read()
    {
        var subject = $"certificate {_files.Certificate} with key {_files.Key}";
        return (PemCertificate.Read(_files.Certificate, subject), PemCertificate.Read(_files.Key, subject));
    }

    private ServerCertificate Parse((string Chain, string Key) content) =>
        PemCertificate.Parse(content.Chain, content.Key, $"certificate {_files.Certificate} with key {_files.Key}");

    private IReadOnlyList<string> Faults(ServerCertificate certificate) => CertificateChecker.FindFaults(certificate, _files.Host, _time.GetUtcNow());

    /// <summary>Reports faults to the administrator; true when the report has changed.</summary>
    private bool Judge(ServerCertificate inUse, string? rejected)
    {
        var faults = Faults(inUse);
        var before = _problems.Current.FirstOrDefault(p => p.Subject == Subject);
        if (rejected is null && faults.Count == 0)
        {
            _problems.Clear(Subject);
            return false;
        }

        var text = rejected is null ? Text(faults) : $"the new files were rejected: {rejected}";
        var problem = new NodeProblem(Subject, text, $"replace {_files.Certificate} and {_files.Key}, then run '{ReloadCommand}'");
        _problems.Report(problem);
        return before != problem;
    }

    private static string DigestOf((string Chain, string Key) content) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(content.Chain + "\0" + content.Key)));

    private static string Text(IReadOnlyList<string> faults) => string.Join("; ", faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate reloaded from {File}, valid until {NotAfter:yyyy-MM-ddTHH:mm:ssZ}")]
    private partial void LogReloaded(string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "New certificate files rejected, keeping the current certificate: {Reason}")]
    private partial void LogKept(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Certificate files could not be checked")]
    private partial void LogNotRead(Exception exception);
}
