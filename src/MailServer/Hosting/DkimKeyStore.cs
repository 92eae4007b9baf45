using MailServer.Common;
using MailServer.Configuration;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Hosting;

/// <summary>What a key file is used for; the end of its name says it.</summary>
internal enum DkimKeyState
{
    /// <summary><c>.next</c>: made, its record to be published, signs nothing yet.</summary>
    Next,

    /// <summary><c>.key</c>: signs.</summary>
    Active,

    /// <summary><c>.retired</c>: signed once; its record stays in DNS until the last mail that it signed has arrived.</summary>
    Retired,
}

/// <summary>A key of a domain in the file system.</summary>
internal sealed record DkimKeyFile(string Domain, string Selector, DkimKeyState State, string File)
{
    public DkimKey Read()
    {
        try
        {
            return DkimKey.ParsePem(Domain, Selector, System.IO.File.ReadAllText(File));
        }
        catch (FormatException e)
        {
            throw new CommandFailure($"'{File}': {e.Message}");
        }
    }
}

/// <summary>
/// The signing keys of domains and the life of each: made, published, used, retired. A step is one rename, which the running server notices within
/// seconds: there is no moment without a key, and none with half of one.
/// </summary>
internal sealed class DkimKeyStore(MailServerOptions options)
{
    private const string NextEnding = ".next";
    private const string ActiveEnding = ".key";
    private const string RetiredEnding = ".retired";

    /// <summary>All keys of a domain, those that sign first.</summary>
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

    /// <summary>Writes a key that does not sign yet.</summary>
    public DkimKeyFile Add(DkimKey key)
    {
        var file = Path.Combine(options.KeyDirectory, $"{key.Domain}.{key.Selector}{NextEnding}");
        SecretFile.Write(file, key.ToPem());
        return new DkimKeyFile(key.Domain, key.Selector, DkimKeyState.Next, file);
    }

    /// <summary>Lets it sign.</summary>
    public static void Activate(DkimKeyFile key) => File.Move(key.File, Path.ChangeExtension(key.File, ActiveEnding));

    /// <summary>It signs no more. A key that the configuration puts elsewhere stays in its folder.</summary>
    public static void Retire(DkimKeyFile key) =>
        File.Move(key.File, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(key.File))!, $"{key.Domain}.{key.Selector}{RetiredEnding}"), overwrite: true);

    private static IEnumerable<DkimKeyFile> Find(string folder, string domain, DkimKeyState state, string ending)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder, $"{domain}.*{ending}").Order(StringComparer.Ordinal))
        {
            var selector = Path.GetFileName(file)[(domain.Length + 1)..^ending.Length];
            // With a dot it may as well be a key of a domain below this one.
            if (selector.Length > 0 && !selector.Contains('.', StringComparison.Ordinal)) yield return new DkimKeyFile(domain, selector, state, file);
        }
    }
}
