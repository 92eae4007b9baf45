using System.Collections.Concurrent;
using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Actors.Access;

/// <summary>The rules of administrators for whole networks: few, and compared one by one with each address. Safe for use from any thread.</summary>
/// <param name="store">Stores the rules.</param>
/// <param name="persist">Runs a write to the store; false if it failed.</param>
internal sealed class NetworkRules(IBanStore store, Func<Action, bool> persist)
{
    private readonly Lock _lock = new();
    // Rules that could not be stored. They apply on this node and are stored as soon as the store can be read again.
    private readonly ConcurrentDictionary<IPNetwork, NetworkRule> _unwritten = new();
    private volatile NetworkRule[] _rules = [.. store.LoadRules()];

    public bool IsEmpty => _rules.Length == 0;

    public IEnumerable<NetworkRule> ActiveAt(DateTimeOffset now) => _rules.Where(r => r.IsActiveAt(now));

    /// <summary>The rule of a kind that applies to an address; null if none does.</summary>
    public NetworkRule? Find(IPAddress address, bool isAllowed, DateTimeOffset now)
    {
        var rules = _rules;
        if (rules.Length == 0) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return Array.Find(rules, r => r.IsAllowed == isAllowed && r.Network.Contains(address) && r.IsActiveAt(now));
    }

    /// <summary>Whether a network is within another one.</summary>
    public static bool Contains(IPNetwork outer, IPNetwork inner) => outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress);

    /// <summary>Adds a rule, which replaces another one for the same network; false if it could not be stored.</summary>
    public bool Save(NetworkRule rule)
    {
        lock (_lock) _rules = [.. _rules.Where(r => r.Network != rule.Network), rule];
        return Write(rule);
    }

    /// <summary>Removes a rule; false if that could not be stored.</summary>
    public bool Remove(IPNetwork network)
    {
        _unwritten.TryRemove(network, out _);
        lock (_lock) _rules = [.. _rules.Where(r => r.Network != network)];
        return persist(() => store.RemoveRule(network));
    }

    /// <summary>Loads changes made by other nodes and stores rules that could not be stored before.</summary>
    public void Reload()
    {
        foreach (var rule in _unwritten.Values.ToArray()) Write(rule);
        var stored = store.LoadRules();
        lock (_lock) _rules = [.. stored.Where(r => !_unwritten.ContainsKey(r.Network)), .. _unwritten.Values];
    }

    private bool Write(NetworkRule rule)
    {
        _unwritten[rule.Network] = rule;
        return persist(() =>
        {
            store.SaveRule(rule);
            _unwritten.TryRemove(KeyValuePair.Create(rule.Network, rule));
        });
    }
}
