using MailServer.Configuration;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Network.NodeLinks;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// The certificate that this node presents to other nodes, with its key and authority, in PEM files. Changed files are reloaded, so that a certificate can
/// be replaced without a restart. Reports when it expires soon.
/// </summary>
internal sealed partial class NodeIdentityFiles
{
    private const string Subject = "certificate of the node link";
    private static readonly TimeSpan Near = TimeSpan.FromDays(14);

    private readonly string[] _files;
    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private NodeIdentity _current;
    private DateTime[] _stamps;

    /// <exception cref="InvalidDataException">The files cannot be used; the message states the reason.</exception>
    public NodeIdentityFiles(string certificate, string key, string authority, NodeProblems problems, TimeProvider time, ILogger log)
    {
        _files = [certificate, key, authority];
        (_problems, _time, _log) = (problems, time, log);
        _stamps = Stamps();
        _current = Read();
        ReportExpiry();
    }

    /// <summary>The current identity, for a new handshake.</summary>
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
            // Perhaps only some of the files are replaced yet: try again at the next handshake.
            LogKept(e.Message);
        }
    }

    private NodeIdentity Read() => CredentialFiles.NodeIdentity(_files[0], _files[1], _files[2]);

    private void ReportExpiry()
    {
        var ends = _current.Certificate.NotAfter.ToUniversalTime();
        var left = ends - _time.GetUtcNow().UtcDateTime;
        if (left > Near)
        {
            _problems.Clear(Subject);
            return;
        }

        var end = UtcText.Of(ends);
        _problems.Report(new NodeProblem(
            Subject,
            left > TimeSpan.Zero ? $"{_files[0]} expires at {end}" : $"{_files[0]} expired at {end}: the nodes can no longer connect to each other",
            $"replace {_files[0]} and {_files[1]} (docs/cluster.md); they are reloaded without a restart"));
    }

    private DateTime[] Stamps() => Array.ConvertAll(_files, File.GetLastWriteTimeUtc);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node link certificate reloaded from {File}, valid until {NotAfter}")]
    private partial void LogRead(string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "Node link certificate not reloaded, keeping the current one: {Reason}")]
    private partial void LogKept(string reason);
}
