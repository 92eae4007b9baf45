using System.Globalization;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Dns;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Hosting;

/// <summary>The algorithms of new keys.</summary>
internal enum DkimAlgorithms
{
    Both,
    Rsa,
    Ed25519,
}

/// <summary>
/// Creates the keys of domains and changes them, for the command line and the web page. Every change is recorded in the audit log. Failures are
/// <see cref="CommandFailure"/>.
/// </summary>
/// <param name="options">The configuration.</param>
/// <param name="dns">Opens the resolver for questions about published records.</param>
/// <param name="time">The time source.</param>
/// <param name="note">Records a change: kind, domain and detail.</param>
internal sealed class DkimRotation(MailServerOptions options, Func<IDnsLookup> dns, TimeProvider time, Action<string, string, string> note)
{
    private readonly DkimKeyStore _store = new(options);

    public IReadOnlyList<DkimKeyFile> List(string domain) => _store.List(domain);

    /// <summary>Creates the first key of a domain. Returns null if it has keys already, or if mail is not signed here.</summary>
    public DkimDnsRecord? CreateFirst(string domain)
    {
        if (!options.Security.SignOutbound || _store.List(domain).Count > 0) return null;
        var settings = options.DomainOrDefault(domain);
        using var key = DkimKey.GenerateRsa(settings.Name, settings.DkimSelector);
        Write(settings.DkimKeyFile!, key);
        return key.DnsRecord;
    }

    /// <summary>Writes an active key.</summary>
    public void Write(string file, DkimKey key)
    {
        SecretFile.Write(file, key.ToPem());
        note("dkim.generated", key.Domain, key.Selector);
    }

    /// <summary>Creates the next keys of a domain. They sign only after <see cref="ActivateAsync"/>.</summary>
    public IReadOnlyList<DkimDnsRecord> Rotate(string domain, DkimAlgorithms algorithms)
    {
        var known = _store.List(domain);
        if (known.FirstOrDefault(static k => k.State == DkimKeyState.Next) is { } waiting)
            throw new CommandFailure($"'{waiting.Selector}' of {domain} is not active yet: run 'mailserver dkim activate {domain}', or discard it with 'dkim retire'");
        var records = new List<DkimDnsRecord>();
        foreach (var made in Make(domain, Stem(known), algorithms))
        {
            using var key = made;
            _store.Add(key);
            records.Add(key.DnsRecord);
            note("dkim.rotated", domain, key.Selector);
        }

        return records;
    }

    /// <summary>Switches signing to the next keys. Returns the keys that sign now, and those that were retired.</summary>
    public async Task<(IReadOnlyList<DkimKeyFile> Active, IReadOnlyList<DkimKeyFile> Retired)> ActivateAsync(string domain, bool whenPublished, bool keepsOld, CancellationToken cancel)
    {
        var known = _store.List(domain);
        var next = known.Where(static k => k.State == DkimKeyState.Next).ToArray();
        if (next.Length == 0) throw new CommandFailure($"{domain} has no next key; create one with 'mailserver dkim rotate {domain}'");
        if (whenPublished) await RequirePublishedAsync(next, cancel);
        foreach (var key in next)
        {
            DkimKeyStore.Activate(key);
            note("dkim.activated", domain, key.Selector);
        }

        var old = keepsOld ? [] : known.Where(static k => k.State == DkimKeyState.Active).ToArray();
        foreach (var key in old) Retire(key);
        return (next, old);
    }

    /// <summary>Stops signing with a key, or discards a next key.</summary>
    public void Retire(string domain, string selector, bool isForced)
    {
        var known = _store.List(domain);
        var key = known.FirstOrDefault(k => k.State != DkimKeyState.Retired && k.Selector == selector)
            ?? throw new CommandFailure($"{domain} has no active or next key '{selector}'; see 'mailserver dkim list {domain}'");
        if (key.State == DkimKeyState.Active && known.Count(static k => k.State == DkimKeyState.Active) == 1 && !isForced)
            throw new CommandFailure($"'{key.Selector}' is the only key that signs for {domain}; use --force to retire it anyway");
        Retire(key);
    }

    /// <summary>Null when exactly this key is published; otherwise a description of the problem.</summary>
    public async Task<string?> FindProblemAsync(DkimKey key, CancellationToken cancel) =>
        await dns().LookupTxtAsync(key.DnsRecord.Name, cancel) switch
        {
            DnsAnswer<string>.RecordsFound found => found.Values.Any(v => KeyOf(v) == KeyOf(key.DnsRecord.Value)) ? null : "a different key is published",
            DnsAnswer<string>.TemporaryFailure failure => $"unknown ({failure.Reason})",
            _ => "not published",
        };

    private void Retire(DkimKeyFile key)
    {
        DkimKeyStore.Retire(key);
        note("dkim.retired", key.Domain, key.Selector);
    }

    private async Task RequirePublishedAsync(DkimKeyFile[] keys, CancellationToken cancel)
    {
        foreach (var file in keys)
        {
            using var key = file.Read();
            if (await FindProblemAsync(key, cancel) is { } missing) throw new CommandFailure($"{key.DnsRecord.Name}: {missing}; nothing was changed");
        }
    }

    /// <summary>Selectors begin with the date, so that their age is visible in DNS.</summary>
    private string Stem(IReadOnlyList<DkimKeyFile> known)
    {
        var day = time.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var stem = day;
        for (var i = 2; known.Any(k => k.Selector.StartsWith(stem + "-", StringComparison.Ordinal)); i++) stem = string.Create(CultureInfo.InvariantCulture, $"{day}x{i}");
        return stem;
    }

    private static IEnumerable<DkimKey> Make(string domain, string stem, DkimAlgorithms algorithms)
    {
        if (algorithms != DkimAlgorithms.Ed25519) yield return DkimKey.GenerateRsa(domain, $"{stem}-rsa");
        if (algorithms != DkimAlgorithms.Rsa) yield return DkimKey.GenerateEd25519(domain, $"{stem}-ed25519");
    }

    private static string? KeyOf(string record) => record.Split(';', StringSplitOptions.TrimEntries)
        .Where(static t => t.StartsWith("p=", StringComparison.Ordinal)).Select(static t => t.Replace(" ", "", StringComparison.Ordinal)).FirstOrDefault();
}
