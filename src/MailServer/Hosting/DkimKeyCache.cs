using System.Collections.Concurrent;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Hosting;

/// <summary>
/// Caches the DKIM keys of domains and checks the files again every few seconds, so that new keys are used without a restart. Files that cannot be used
/// are reported as problems until they can; meanwhile a domain without any other key cannot sign.
/// </summary>
internal sealed class DkimKeyCache(MailServerOptions options, NodeProblems problems)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly DkimKeyStore _store = new(options);
    private readonly ConcurrentDictionary<string, CachedKeys> _known = new(StringComparer.Ordinal);

    /// <summary>The usable active keys of a domain.</summary>
    public IReadOnlyList<DkimKey> Of(string domain) => Look(domain).Keys;

    /// <summary>False if the domain has keys, and none of them can be used. True for a domain without keys, whose mail is not signed.</summary>
    public bool CanSign(string domain) => Look(domain) is { Keys.Count: > 0 } or { Unusable.Count: 0 };

    /// <summary>Looks at the keys of all domains that have any, so that a problem is known before there is mail to sign.</summary>
    public void CheckAll()
    {
        foreach (var domain in Domains().Distinct(StringComparer.Ordinal)) Look(domain);
    }

    private IEnumerable<string> Domains()
    {
        var configured = options.Domains.Where(static d => d.DkimKeyFile is not null).Select(static d => d.Name);
        try
        {
            return [.. configured, .. Directory.Exists(options.KeyDirectory) ? Directory.EnumerateFiles(options.KeyDirectory, "*.key").Select(DomainOf) : []];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [.. configured, options.Server.Hostname];
        }
    }

    // DOMAIN.SELECTOR.key; selectors have no dots.
    private static string DomainOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return name[..Math.Max(0, name.LastIndexOf('.'))];
    }

    private CachedKeys Look(string domain)
    {
        var known = _known.GetValueOrDefault(domain);
        if (known is not null && TimeProvider.System.GetElapsedTime(known.LookedAt) < LookEvery) return known;
        var found = Read(domain, known);
        _known[domain] = found;
        foreach (var (file, reason) in found.Unusable) problems.Report(Problem(domain, file, reason, found.Keys.Count > 0));
        foreach (var (file, _) in known?.Unusable ?? [])
            if (!found.Unusable.Any(u => u.File == file)) problems.Clear(SubjectOf(file));
        return found;
    }

    private CachedKeys Read(string domain, CachedKeys? known)
    {
        var unusable = new List<(string File, string Reason)>();
        IReadOnlyList<DomainOptions> files = [];
        try
        {
            files = options.SigningKeys(domain);
            if (MissingFile(domain, files) is { } missing) unusable.Add((missing, "the file does not exist"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unusable.Add((options.KeyDirectory, e.Message));
        }

        var stamps = string.Join('|', files.Select(f => $"{f.DkimKeyFile} {File.GetLastWriteTimeUtc(f.DkimKeyFile!).Ticks}"));
        // A change of the owner or the mode does not change the stamp.
        if (known is { Unusable.Count: 0 } && unusable.Count == 0 && known.Stamps == stamps) return known with { LookedAt = TimeProvider.System.GetTimestamp() };
        DkimKey[] keys = [.. files.Select(f => Read(f, unusable)).OfType<DkimKey>()];
        return new CachedKeys(keys, unusable, stamps, TimeProvider.System.GetTimestamp());
    }

    /// <summary>The key file that the configuration names, if it is missing and was not retired, as by a rotation.</summary>
    private string? MissingFile(string domain, IReadOnlyList<DomainOptions> files)
    {
        if (options.Domains.FirstOrDefault(d => d.Name == domain) is not { DkimKeyFile: { } named } configured || files.Any(f => f.DkimKeyFile == named)) return null;
        return _store.List(domain).Any(k => k.State == DkimKeyState.Retired && k.Selector == configured.DkimSelector) ? null : named;
    }

    private static DkimKey? Read(DomainOptions key, List<(string File, string Reason)> unusable)
    {
        try
        {
            return DkimKey.ParsePem(key.Name, key.DkimSelector, NamedFile.ReadText(key.DkimKeyFile!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            unusable.Add((key.DkimKeyFile!, e.Message));
            return null;
        }
    }

    private static string SubjectOf(string file) => $"DKIM key {Path.GetFileName(file)}";

    private static NodeProblem Problem(string domain, string file, string reason, bool hasOthers) => new(
        SubjectOf(file),
        $"'{file}' cannot be used ({reason}); mail from {domain} is {(hasOthers ? "not signed with it" : "deferred, because it cannot be signed")}",
        $"check its owner and mode with 'ls -l {file}', or replace it with 'mailserver dkim generate --domain {domain} --force'");

    private sealed record CachedKeys(IReadOnlyList<DkimKey> Keys, IReadOnlyList<(string File, string Reason)> Unusable, string Stamps, long LookedAt);
}
