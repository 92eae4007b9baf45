using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>Compiled scripts by the hash of their text, for all accounts of the node: the compiled form can never belong to another text. Thread-safe.</summary>
public sealed class ScriptCache(SieveLimits limits)
{
    private const int Most = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SieveCompilation> _compiled = new(StringComparer.Ordinal);

    /// <summary>Compiles a script, or finds it.</summary>
    public CompiledScript Compile(string title, ReadOnlySpan<byte> text)
    {
        var version = ScriptFolder.VersionOf(text);
        lock (_lock)
        {
            if (_compiled.TryGetValue(version, out var known)) return new CompiledScript(title, version, known.Program, known.Errors);
        }

        var compilation = SieveScript.Compile(text, limits);
        lock (_lock)
        {
            if (_compiled.Count >= Most) _compiled.Clear();
            _compiled[version] = compilation;
        }

        return new CompiledScript(title, version, compilation.Program, compilation.Errors);
    }
}
