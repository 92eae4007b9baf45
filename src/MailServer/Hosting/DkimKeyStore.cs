using MailServer.Common;
using MailServer.Configuration;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Hosting;

/// <summary>The state of a key file, given by its extension.</summary>
internal enum DkimKeyState
{
    /// <summary><c>.next</c>: created, waiting for its DNS record; not yet used for signing.</summary>
    Next,

    /// <summary><c>.key</c>: used for signing.</summary>
    Active,

    /// <summary><c>.retired</c>: no longer used for signing; its record stays in DNS until the last mail signed with it has been delivered.</summary>
    Retired,
}

/// <summary>A key file of a domain.</summary>
internal sealed record DkimKeyFile(string Domain, string Selector, DkimKeyState State, string File)
{
    public DkimKey Read()
    {
        try
        {
            return DkimKey.ParsePem(Domain, Selector, NamedFile.ReadText(File));
        }
        catch (FormatException e)
        {
            throw new CommandFailure($"'{File}': {e.Message}");
        }
    }
}

/// <summary>
/// The signing keys of domains through their life cycle: created, published, active, retired. Each transition is one atomic rename, which the running
/// server notices within seconds, so the domain always has a complete key.
/// </summary>
internal sealed class DkimKeyStore(MailServerOptions options)
{
    private const string NextEnding = ".next";
    private const string ActiveEnding = ".key";
    private const string RetiredEnding = ".retired";

    /// <summary>All keys of a domain, active ones first.</summary>
    public IReadOnlyList<DkimKeyFile> List(string domain)
    {
        var active = options.SigningKeys(domain).Select(k => new DkimKeyFile(domain, k.DkimSelector, DkimKeyState.Active, k.DkimKeyFile!));
        var configured = Path.GetDirectoryName(Path.GetFullPath(options.DomainOrDefault(domain).DkimKeyFile!))!;
        var folders = new[] { Path.GetFullPath(options.KeyDirectory), configured }.Distinct(StringComparer.Ordinal);
        return
        [
            .. active,
            .. Find(options.KeyDirectory, domain, DkimKeyState.Next, NextEnding),
            .. folders.SelectMany(f => Find(f, domain, DkimKeyState.Retired, RetiredEnding)),
        ];
    }

    /// <summary>Writes a next key.</summary>
    public DkimKeyFile Add(DkimKey key)
    {
        var file = Path.Combine(options.KeyDirectory, $"{key.Domain}.{key.Selector}{NextEnding}");
        SecretFile.Write(file, key.ToPem());
        return new DkimKeyFile(key.Domain, key.Selector, DkimKeyState.Next, file);
    }

    /// <summary>Makes a next key active.</summary>
    public static void Activate(DkimKeyFile key) => File.Move(key.File, Path.ChangeExtension(key.File, ActiveEnding));

    /// <summary>Retires a key. The file stays in its folder, also when the configuration names one outside the key directory.</summary>
    public static void Retire(DkimKeyFile key) =>
        File.Move(key.File, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(key.File))!, $"{key.Domain}.{key.Selector}{RetiredEnding}"), overwrite: true);

    private static IEnumerable<DkimKeyFile> Find(string folder, string domain, DkimKeyState state, string ending)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder, $"{domain}.*{ending}").Order(StringComparer.Ordinal))
        {
            var selector = Path.GetFileName(file)[(domain.Length + 1)..^ending.Length];
            // A selector with a dot could also be part of a subdomain's name.
            if (selector.Length > 0 && !selector.Contains('.', StringComparison.Ordinal)) yield return new DkimKeyFile(domain, selector, state, file);
        }
    }
}
