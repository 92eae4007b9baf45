using System.Runtime.InteropServices;
using MailServer.Actors.Certificates;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Performs and logs the actions of signals: reloading and immediate termination.</summary>
internal sealed partial class SignalActions(LogPipeline log, CertificateAdministration certificates, Func<IReadOnlyList<string>> loadScripts, ILogger logger)
{
    private const int SignalBase = 128;
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(1);

    /// <summary>Reopens the log file and, for <see cref="SignalEffect.Reload"/>, reloads certificates and scripts.</summary>
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

        if (signal.Effect != SignalEffect.Reload) return;
        ReadCertificates(signal);
        ReadScripts(signal);
    }

    /// <summary>Exits without ending sessions, as in a crash: nothing acknowledged is lost. Writes the queued log lines first.</summary>
    public void TerminateImmediately(SignalRule signal)
    {
        LogEnding(signal.Name);
        log.Flush(Flush);
        var code = SignalBase + signal.Number;
        // Environment.Exit would run shutdown handlers that wait for sessions and actors.
        if (OperatingSystem.IsLinux()) ExitCall(code);
        Environment.Exit(code);
    }

    private void ReadScripts(SignalRule signal)
    {
        var faults = loadScripts();
        foreach (var fault in faults) LogBadScript(signal.Name, fault);
        if (faults.Count == 0) LogScripts(signal.Name);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: log file {File} reopened")]
    private partial void LogReopened(string signal, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: no log file to reopen, the log goes to a stream")]
    private partial void LogNoFile(string signal);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: certificate {File} reloaded: {Outcome}")]
    private partial void LogCertificate(string signal, string file, string outcome);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: certificate {File} reloaded: {Outcome}; {Faults}")]
    private partial void LogBadCertificate(string signal, string file, string outcome, string faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: the scripts of the configuration reloaded")]
    private partial void LogScripts(string signal);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Signal}: the scripts of the configuration stay as they were: {Fault}")]
    private partial void LogBadScript(string signal, string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: no certificate files to reload")]
    private partial void LogNoCertificateFiles(string signal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal} again: server exits immediately without ending its sessions")]
    private partial void LogEnding(string signal);

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitCall(int code);
}
