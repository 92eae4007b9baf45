using System.Net;

namespace MailServer.Domain.Access;

/// <summary>Persistent storage of bans. Every change is durable when the call returns.</summary>
public interface IBanStore
{
    IReadOnlyList<Ban> Load();

    void Save(Ban ban);

    void Remove(IPAddress address);

    /// <summary>The rules for whole networks.</summary>
    IReadOnlyList<NetworkRule> LoadRules();

    /// <summary>Stores a rule; it replaces another one for the same network.</summary>
    void SaveRule(NetworkRule rule);

    void RemoveRule(IPNetwork network);
}
