using MailServer.Common;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// A folder of Sieve scripts of another server: <c>NAME.sieve</c> of Dovecot, Cyrus and this server, or <c>NAME.script</c> of older versions of Cyrus. The active one is the target of the
/// link <c>.dovecot.sieve</c> in the folder or beside it, or of <c>defaultbc</c> or <c>default</c> (Cyrus). A regular file <c>.dovecot.sieve</c> is a script too, and the active one.
/// </summary>
/// <param name="Scripts">The name and the file of each script, sorted by name.</param>
/// <param name="Active">The name of the active script; null if nothing says which.</param>
internal sealed record ForeignScripts(IReadOnlyList<(string Name, string File)> Scripts, string? Active)
{
    private const string DovecotLink = ".dovecot.sieve";

    /// <summary>The name under which a single script of Dovecot is stored.</summary>
    private const string DovecotName = "dovecot";

    private static readonly string[] Suffixes = [".sieve", ".script", ".bc"];

    /// <summary>Looks at a folder. Links in it are not followed.</summary>
    /// <exception cref="CommandFailure">It is missing, is no directory or cannot be read.</exception>
    public static ForeignScripts Find(string directory)
    {
        if (!Directory.Exists(directory)) throw new CommandFailure($"no directory '{directory}'");
        try
        {
            var scripts = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var file in SafeFileReader.Files(directory))
            {
                var name = Path.GetFileName(file);
                if (name == DovecotLink) scripts.TryAdd(DovecotName, file);
                else if (name[0] != '.' && Path.GetExtension(name) is ".sieve" or ".script") scripts.TryAdd(NameOf(name), file);
            }

            return new ForeignScripts([.. scripts.Select(static s => (s.Key, s.Value))], ActiveOf(directory, scripts));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"'{directory}' cannot be read: {e.Message}");
        }
    }

    private static string? ActiveOf(string directory, SortedDictionary<string, string> scripts)
    {
        if (scripts.GetValueOrDefault(DovecotName) is { } single && Path.GetFileName(single) == DovecotLink) return DovecotName;
        var full = Path.GetFullPath(directory);
        string?[] links = [Path.Combine(full, DovecotLink), Path.GetDirectoryName(full) is { } above ? Path.Combine(above, DovecotLink) : null, Path.Combine(full, "defaultbc"), Path.Combine(full, "default")];
        foreach (var link in links)
        {
            // Only the name of the target counts: what it leads to is not read.
            if (link is null || new FileInfo(link).LinkTarget is not { } target) continue;
            if (NameOf(Path.GetFileName(target)) is var name && scripts.ContainsKey(name)) return name;
        }

        return null;
    }

    private static string NameOf(string file) => Array.Exists(Suffixes, s => file.EndsWith(s, StringComparison.Ordinal)) ? Path.GetFileNameWithoutExtension(file) : file;
}
