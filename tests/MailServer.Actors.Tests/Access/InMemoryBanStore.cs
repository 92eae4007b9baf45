using System.Collections.Concurrent;
using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Actors.Tests.Access;

/// <summary>An in-memory ban store.</summary>
internal sealed class InMemoryBanStore : IBanStore
{
    private readonly ConcurrentDictionary<IPAddress, Ban> _bans = new();
    private readonly ConcurrentDictionary<IPNetwork, NetworkRule> _rules = new();

    public IReadOnlyList<Ban> Load() => [.. _bans.Values];

    public void Save(Ban ban) => _bans[ban.Address] = ban;

    public IReadOnlyList<NetworkRule> LoadRules() => [.. _rules.Values];

    public void SaveRule(NetworkRule rule) => _rules[rule.Network] = rule;

    public void RemoveRule(IPNetwork network) => _rules.TryRemove(network, out _);

    public void Remove(IPAddress address) => _bans.TryRemove(address, out _);
}
