using System.Collections.Concurrent;

namespace MailServer.Actors.Sessions;

/// <summary>Names that clients report about themselves, each stored once: a thousand sessions of one program share its name.</summary>
public sealed class ClientNames
{
    private const int MostNames = 1_000;
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The shared copy of <paramref name="name"/>; "other" when there are too many different names.</summary>
    public string Intern(string name)
    {
        if (_names.TryGetValue(name, out var known)) return known;
        return _names.Count >= MostNames ? "other" : _names.GetOrAdd(name, name);
    }
}
