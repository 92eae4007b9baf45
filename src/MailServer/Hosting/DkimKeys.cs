using System.Collections.Concurrent;
using MailServer.Configuration;
using MailServer.Protocol.MessageAuthentication;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>The DKIM keys of the configured domains, read again when their files change, so that a new key is used without a restart.</summary>
internal sealed partial class DkimKeys(MailServerOptions options, ILogger log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>None when the domain has no key or it cannot be read; mail is then sent unsigned, and the log says why.</summary>
    public IReadOnlyList<DkimKey> Of(string domain)
    {
        var known = _known.GetValueOrDefault(domain);
        if (known is not null && TimeProvider.System.GetElapsedTime(known.LookedAt) < LookEvery) return known.Keys;
        var key = options.DomainOrDefault(domain);
        var path = key.DkimKeyFile!;
        var written = File.GetLastWriteTimeUtc(path);
        var keys = known is not null && known.Written == written ? known.Keys : Read(domain, key.DkimSelector, path);
        _known[domain] = new Known(keys, written, TimeProvider.System.GetTimestamp());
        return keys;
    }

    private IReadOnlyList<DkimKey> Read(string domain, string selector, string path)
    {
        try
        {
            return File.Exists(path) ? [DkimKey.ParsePem(domain, selector, File.ReadAllText(path))] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            LogUnusable(log, domain, path, e.Message);
            return [];
        }
    }

    private sealed record Known(IReadOnlyList<DkimKey> Keys, DateTime Written, long LookedAt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail of {Domain} is not signed: {Path}: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string domain, string path, string reason);
}
