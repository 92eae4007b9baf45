using System.Collections.Concurrent;

namespace MailServer.Actors.Sessions;

/// <summary>What clients call themselves, each name kept once: a thousand sessions of one program share its name.</summary>
public sealed class ClientNames
{
    private const int MostNames = 1_000;
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The one copy of <paramref name="name"/>; "other" when clients have invented too many.</summary>
    public string Intern(string name)
    {
        if (_names.TryGetValue(name, out var known)) return known;
        return _names.Count >= MostNames ? "other" : _names.GetOrAdd(name, name);
    }
}
