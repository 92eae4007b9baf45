using System.Collections.Concurrent;
using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Actors.Tests.Access;

/// <summary>An in-memory ban store.</summary>
internal sealed class InMemoryBanStore : IBanStore
{
    private readonly ConcurrentDictionary<IPAddress, Ban> _bans = new();

    public IReadOnlyList<Ban> Load() => [.. _bans.Values];

    public void Save(Ban ban) => _bans[ban.Address] = ban;

    public void Remove(IPAddress address) => _bans.TryRemove(address, out _);
}
