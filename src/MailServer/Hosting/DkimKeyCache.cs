using System.Collections.Concurrent;
using MailServer.Configuration;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Storage.SafeFiles;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Caches the DKIM keys of domains and checks the files again every few seconds, so that new keys are used without a restart.</summary>
internal sealed partial class DkimKeyCache(MailServerOptions options, ILogger log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, CachedKeys> _known = new(StringComparer.Ordinal);

    /// <summary>The active keys of a domain. Unreadable keys are logged and skipped; without a key mail is sent unsigned.</summary>
    public IReadOnlyList<DkimKey> Of(string domain)
    {
        var known = _known.GetValueOrDefault(domain);
        if (known is not null && TimeProvider.System.GetElapsedTime(known.LookedAt) < LookEvery) return known.Keys;
        var files = options.SigningKeys(domain);
        var stamps = string.Join('|', files.Select(f => $"{f.DkimKeyFile} {File.GetLastWriteTimeUtc(f.DkimKeyFile!).Ticks}"));
        var keys = known?.Stamps == stamps ? known.Keys : [.. files.Select(Read).OfType<DkimKey>()];
        _known[domain] = new CachedKeys(keys, stamps, TimeProvider.System.GetTimestamp());
        return keys;
    }

    private DkimKey? Read(DomainOptions key)
    {
        try
        {
            return DkimKey.ParsePem(key.Name, key.DkimSelector, Text(key.DkimKeyFile!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            LogUnusable(log, key.Name, key.DkimKeyFile!, e.Message);
            return null;
        }
    }

    private static string Text(string file)
    {
        using var reader = new StreamReader(SafeFileReader.Stream(SafeFileReader.OpenNamed(file)));
        return reader.ReadToEnd();
    }

    private sealed record CachedKeys(IReadOnlyList<DkimKey> Keys, string Stamps, long LookedAt);

    [LoggerMessage(Level = LogLevel.Error, Message = "DKIM key {Path} cannot be used; mail from {Domain} is not signed with it: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string domain, string path, string reason);
}
