using System.Globalization;
using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Network.NodeLinks;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// The certificate that this node shows to the others, its key and the authority, in PEM files that are read again when they change: an expired
/// certificate is replaced without a restart. Reports an expiry that is near.
/// </summary>
internal sealed partial class NodeIdentityFiles
{
    private const string Subject = "certificate of the node link";
    private static readonly TimeSpan s_near = TimeSpan.FromDays(14);

    private readonly string[] _files;
    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private NodeIdentity _current;
    private DateTime[] _stamps;

    /// <exception cref="InvalidDataException">The files cannot be used; the message says why.</exception>
    public NodeIdentityFiles(string certificate, string key, string authority, NodeProblems problems, TimeProvider time, ILogger log)
    {
        _files = [certificate, key, authority];
        (_problems, _time, _log) = (problems, time, log);
        _stamps = Stamps();
        _current = Read();
        ReportExpiry();
    }

    /// <summary>The identity for a handshake that begins now.</summary>
    public NodeIdentity Current()
    {
        lock (_lock)
        {
            var stamps = Stamps();
            if (!stamps.SequenceEqual(_stamps)) Renew(stamps);
            ReportExpiry();
            return _current;
        }
    }

    private void Renew(DateTime[] stamps)
    {
        try
        {
            _current = Read();
            _stamps = stamps;
            LogRead(_files[0], _current.Certificate.NotAfter);
        }
        catch (InvalidDataException e)
        {
            // Caught between its files, perhaps: read again at the next handshake.
            LogKept(e.Message);
        }
    }

    private NodeIdentity Read() => CredentialFiles.NodeIdentity(_files[0], _files[1], _files[2]);

    private void ReportExpiry()
    {
        var ends = _current.Certificate.NotAfter.ToUniversalTime();
        var left = ends - _time.GetUtcNow().UtcDateTime;
        if (left > s_near)
        {
            _problems.Clear(Subject);
            return;
        }

        var day = ends.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        _problems.Report(new NodeProblem(
            Subject,
            left > TimeSpan.Zero ? $"{_files[0]} expires on {day} UTC" : $"{_files[0]} expired on {day} UTC: the nodes can no longer connect to each other",
            $"replace {_files[0]} and {_files[1]} (docs/cluster.md); they are read again without a restart"));
    }

    private DateTime[] Stamps() => Array.ConvertAll(_files, File.GetLastWriteTimeUtc);

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate of the node link read again from {File}, valid until {NotAfter}")]
    private partial void LogRead(string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate of the node link in use is kept: {Reason}")]
    private partial void LogKept(string reason);
}
