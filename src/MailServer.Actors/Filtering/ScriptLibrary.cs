using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>
/// The scripts of one account, compiled. Before each use the files are looked at: a script that was replaced, also by hand, is read again. Includes are found among the account's own scripts
/// alone. Has one user; not thread-safe.
/// </summary>
/// <param name="folder">The account's scripts.</param>
/// <param name="server">The administrator's scripts.</param>
internal sealed class ScriptLibrary(Func<ScriptFolder> folder, ServerScripts server)
{
    private readonly Dictionary<string, ((FileStat, DateTime) Stamp, CompiledScript Script)> _known = new(StringComparer.Ordinal);

    /// <summary>The scripts that run at a delivery, in their order; empty for most accounts.</summary>
    public IReadOnlyList<CompiledScript> ForDelivery()
    {
        var active = folder().Active;
        if (active is null && server.Before is null && server.After is null) return [];
        var scripts = new List<CompiledScript>(3);
        if (server.Before is { } before) scripts.Add(before);
        if (active is not null) scripts.Add(Find(active) ?? new CompiledScript(active == ScriptFolder.Unknown ? "(active)" : active, "", null, []));
        if (server.After is { } after) scripts.Add(after);
        return scripts;
    }

    /// <summary>A script of the account; null if there is none of this name.</summary>
    public CompiledScript? Find(string name)
    {
        if (folder().StampOf(name) is not { } stamp) return null;
        if (_known.TryGetValue(name, out var known) && known.Stamp == stamp) return known.Script;
        if (folder().Read(name) is not { } text) return null;
        var script = server.Cache.Compile(name, text);
        _known[name] = (stamp, script);
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
                if (!include.IsGlobal && Find(include.Name)?.Program is { } included) open.Push(included);
        }

        return needs;
    }
}
