using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>
/// The scripts of one account, compiled. Before each use the files are looked at: a script that was replaced, also by hand, is read again. Includes are found among the account's own scripts,
/// and, if they say <c>:global</c>, among those of its domain. Has one user; not thread-safe.
/// </summary>
/// <param name="folder">The account's scripts.</param>
/// <param name="domain">The domain of the account; null if it is not known.</param>
/// <param name="server">The administrator's scripts.</param>
internal sealed class ScriptLibrary(Func<ScriptFolder> folder, Func<string?> domain, ServerScripts server)
{
    private const string BeforeName = "before";
    private const string AfterName = "after";

    private readonly Dictionary<string, ((FileStat, DateTime) Stamp, CompiledScript Script)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ((FileStat, DateTime) Stamp, CompiledScript Script)> _global = new(StringComparer.Ordinal);
    private ScriptFolder? _domainFolder;

    /// <summary>True if a script decides about deliveries: one of the server, of the domain, or the account's active one.</summary>
    public bool HasAny => server.Before is not null || server.After is not null || folder().Active is not null || IsOfDomain(BeforeName) || IsOfDomain(AfterName);

    /// <summary>The scripts that run at a delivery, in their order; empty for most accounts.</summary>
    public IReadOnlyList<CompiledScript> ForDelivery()
    {
        if (!HasAny) return [];
        var scripts = new List<CompiledScript>(5);
        if (server.Before is { } before) scripts.Add(before);
        if (FindGlobal(BeforeName) is { } first) scripts.Add(first);
        if (folder().Active is { } active) scripts.Add(Find(active) ?? new CompiledScript(active == ScriptFolder.Unknown ? "(active)" : active, "", null, []));
        if (FindGlobal(AfterName) is { } last) scripts.Add(last);
        if (server.After is { } after) scripts.Add(after);
        return scripts;
    }

    /// <summary>A script of the account; null if there is none of this name.</summary>
    public CompiledScript? Find(string name) => Find(folder(), _known, name, name);

    /// <summary>A script of the domain of the account; null if there is none of this name.</summary>
    public CompiledScript? FindGlobal(string name) => DomainFolder is { } global ? Find(global, _global, name, $"{name} of {domain()}") : null;

    private ScriptFolder? DomainFolder => _domainFolder ??= domain() is { } name ? server.Domains?.Invoke(name) : null;

    private bool IsOfDomain(string name) => DomainFolder?.StampOf(name) is not null;

    private CompiledScript? Find(ScriptFolder place, Dictionary<string, ((FileStat, DateTime) Stamp, CompiledScript Script)> compiled, string name, string title)
    {
        if (place.StampOf(name) is not { } stamp) return null;
        if (compiled.TryGetValue(name, out var known) && known.Stamp == stamp) return known.Script;
        if (place.Read(name) is not { } text) return null;
        var script = server.Cache.Compile(title, text);
        compiled[name] = (stamp, script);
        return script;
    }

    /// <summary>What a script and all that it includes may ask for.</summary>
    public SieveNeeds NeedsOf(CompiledScript script)
    {
        var needs = SieveNeeds.None;
        var seen = new HashSet<SieveProgram>();
        var open = new Stack<SieveProgram>();
        if (script.Program is { } first) open.Push(first);
        while (open.TryPop(out var program))
        {
            if (!seen.Add(program)) continue;
            needs |= program.Needs;
            foreach (var include in program.Includes)
                if ((include.IsGlobal ? FindGlobal(include.Name) : Find(include.Name))?.Program is { } included) open.Push(included);
        }

        return needs;
    }
}
