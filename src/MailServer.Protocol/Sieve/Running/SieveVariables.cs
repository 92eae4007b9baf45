using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The variables of a run (RFC 5229): those of the script that runs, the global ones, and those of the last match.</summary>
internal sealed class SieveVariables(SieveLimits limits, SieveBudget budget)
{
    private readonly Dictionary<string, string> _globals = new(StringComparer.OrdinalIgnoreCase);
    private Scope _scope = new();

    /// <summary>The value of a variable; empty if it was never set.</summary>
    public string Get(string name, int match, bool isGlobal)
    {
        if (match >= 0) return match < _scope.Matches.Length ? _scope.Matches[match] : "";
        return Owner(name, isGlobal).GetValueOrDefault(name, "");
    }

    public void Set(string name, bool isGlobal, string value)
    {
        var variables = Owner(name, isGlobal);
        if (!variables.ContainsKey(name) && variables.Count >= limits.MaxVariables) throw new SieveFaultException($"the script uses more than {limits.MaxVariables} variables");
        budget.Charge(value.Length);
        variables[name] = SieveText.Cut(value, limits.MaxVariable);
    }

    /// <summary>Makes names of this script global ones (RFC 6609 §3.4.1).</summary>
    public void Share(string name) => _scope.Shared.Add(name);

    /// <summary>Sets <c>${0}</c>, <c>${1}</c>, … after a successful match.</summary>
    public void SetMatches(string[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = SieveText.Cut(values[i], limits.MaxVariable);
        _scope.Matches = values;
    }

    /// <summary>Begins an included script, which has variables of its own. Returns what <see cref="Leave"/> needs.</summary>
    public object Enter()
    {
        var outer = _scope;
        _scope = new Scope();
        return outer;
    }

    public void Leave(object outer) => _scope = (Scope)outer;

    private Dictionary<string, string> Owner(string name, bool isGlobal) => isGlobal || _scope.Shared.Contains(name) ? _globals : _scope.Local;

    private sealed class Scope
    {
        public Dictionary<string, string> Local { get; } = new(StringComparer.OrdinalIgnoreCase);

        public HashSet<string> Shared { get; } = new(StringComparer.OrdinalIgnoreCase);

        public string[] Matches { get; set; } = [];
    }
}
