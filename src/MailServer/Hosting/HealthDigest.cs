using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using MailServer.Storage.SafeFiles;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Mails the administrators what has changed in the node's list of findings (<c>health.digest</c>): new warnings and problems, and those that are gone. Changes
/// within a quarter of an hour are one message, and what was mailed is remembered across restarts.
/// </summary>
internal sealed partial class HealthDigest : IDisposable
{
    public const string FileName = "health-digest";

    private const int MostFindings = 200;
    private const long LargestFile = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    private readonly HealthReport _report;
    private readonly Func<CancellationToken, ValueTask<IReadOnlyList<Account>>> _accounts;
    private readonly Func<EmailAddress, string, string, CancellationToken, Task<SmtpReply>> _send;
    private readonly string _hostname;
    private readonly string _path;
    private readonly ILogger _log;
    private readonly PeriodicWork _looking;

    /// <param name="report">The list of findings.</param>
    /// <param name="accounts">Lists the accounts, of which the administrators get the mail.</param>
    /// <param name="send">Sends a message: recipient, subject and text.</param>
    /// <param name="hostname">The server's host name.</param>
    /// <param name="directory">The node's directory, for the memory of what was mailed.</param>
    /// <param name="time">The time source.</param>
    /// <param name="log">Logs failures.</param>
    public HealthDigest(
        HealthReport report, Func<CancellationToken, ValueTask<IReadOnlyList<Account>>> accounts, Func<EmailAddress, string, string, CancellationToken, Task<SmtpReply>> send,
        string hostname, string directory, TimeProvider time, ILogger log)
    {
        (_report, _accounts, _send, _hostname, _path, _log) = (report, accounts, send, hostname, Path.Combine(directory, FileName), log);
        _looking = new PeriodicWork(Interval, new ExponentialBackoff(Interval, LongestPause), LookAsync, (e, _) => LogFailed(log, e), time);
    }

    public void Dispose() => _looking.Dispose();

    /// <summary>Mails the changes since the last message, if there are any.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var all = _report.Current;
        var mailed = Load();
        // A check that has not run since the start says nothing about its earlier findings.
        var pending = all.Where(static f => f.Severity == FindingSeverity.Pending).Select(static f => f.Check + "/").ToArray();
        var current = all.Where(static f => f.NeedsAction).Take(MostFindings).ToDictionary(static f => f.Id, static f => f.ToString(), StringComparer.Ordinal);
        foreach (var (id, text) in mailed.Where(m => pending.Any(p => m.Key.StartsWith(p, StringComparison.Ordinal)))) current.TryAdd(id, text);
        var fresh = current.Where(f => !mailed.ContainsKey(f.Key)).Select(static f => f.Value).ToArray();
        var gone = mailed.Where(f => !current.ContainsKey(f.Key)).Select(static f => f.Value).ToArray();
        if (fresh.Length == 0 && gone.Length == 0) return;
        if (!await SendAsync(fresh, gone, current.Count, cancel)) throw new IOException("no administrator could be reached");
        Save(current);
    }

    private async Task<bool> SendAsync(string[] fresh, string[] gone, int count, CancellationToken cancel)
    {
        var subject = $"{_hostname}: {(count == 0 ? "all well again" : Quantity.Of(count, "finding"))}";
        var text = new StringBuilder();
        Append(text, "New:", fresh);
        Append(text, "Resolved:", gone);
        text.Append("'mailserver doctor' and the web page show the whole list.\n");
        var isSent = false;
        foreach (var administrator in (await _accounts(cancel)).Where(static a => a is { IsAdmin: true, Enabled: true }))
        {
            var reply = await _send(administrator.Address, subject, text.ToString(), cancel);
            if (reply.Code < 400) isSent = true;
            else LogRefused(_log, administrator.Address, reply);
        }

        return isSent;
    }

    private static void Append(StringBuilder text, string title, string[] findings)
    {
        if (findings.Length == 0) return;
        text.Append(title).Append('\n');
        foreach (var finding in findings) text.Append("- ").Append(finding).Append('\n');
        text.Append('\n');
    }

    private Dictionary<string, string> Load()
    {
        try
        {
            return SafeFileReader.TryReadSmall(_path, LargestFile) is { } content ? JsonSerializer.Deserialize(content, DigestJson.Default.DictionaryStringString) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private void Save(Dictionary<string, string> mailed) => PrivateFile.ReplaceAll(_path, JsonSerializer.SerializeToUtf8Bytes(mailed, DigestJson.Default.DictionaryStringString));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The digest of findings could not be mailed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The digest of findings to {Recipient} was refused: {Reply}")]
    private static partial void LogRefused(ILogger logger, EmailAddress recipient, SmtpReply reply);
}

/// <summary>The form of the remembered findings.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DigestJson : JsonSerializerContext;
