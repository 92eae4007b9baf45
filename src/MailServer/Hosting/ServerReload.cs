using System.Runtime.InteropServices;
using MailServer.Actors.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>What signals let the running server do, and the lines of the log that tell of it.</summary>
internal sealed partial class ServerReload(LogSetup log, CertificateAdministration certificates, ILogger logger)
{
    private const int SignalBase = 128;
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(1);

    /// <summary>Opens the log file again and, for <see cref="SignalEffect.Reload"/>, reads certificates again.</summary>
    public void Perform(SignalRule signal)
    {
        if (log.File is { } file)
        {
            log.Reopen();
            LogReopened(signal.Name, file);
        }
        else
        {
            LogNoFile(signal.Name);
        }

        if (signal.Effect == SignalEffect.Reload) ReadCertificates(signal);
    }

    /// <summary>Ends the process without goodbyes, as a crash would, which loses nothing that was acknowledged; what waits in the log is written.</summary>
    public void EndAtOnce(SignalRule signal)
    {
        LogEnding(signal.Name);
        log.Flush(s_flush);
        var code = SignalBase + signal.Number;
        // Environment.Exit would run what waits for sessions and actors.
        if (OperatingSystem.IsLinux()) ExitCall(code);
        Environment.Exit(code);
    }

    private void ReadCertificates(SignalRule signal)
    {
        var read = certificates.Reload();
        if (read.Count == 0) LogNoCertificateFiles(signal.Name);
        foreach (var result in read)
        {
            var outcome = result.Outcome.ToString().ToLowerInvariant();
            if (result.Text.Length == 0) LogCertificate(signal.Name, result.File, outcome);
            else LogBadCertificate(signal.Name, result.File, outcome, result.Text);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: the log file {File} is opened again")]
    private partial void LogReopened(string signal, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: the log goes to a stream, so there is no file to open again")]
    private partial void LogNoFile(string signal);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: certificate {File} was read again: {Outcome}")]
    private partial void LogCertificate(string signal, string file, string outcome);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: certificate {File} was read again: {Outcome}; {Faults}")]
    private partial void LogBadCertificate(string signal, string file, string outcome, string faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: certificates do not come from files, so none was read again")]
    private partial void LogNoCertificateFiles(string signal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal} again: the server ends at once, without ending its sessions")]
    private partial void LogEnding(string signal);

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitCall(int code);
}
