using System.Net;

namespace MailServer.Domain.Access;

/// <summary>Persistent storage of bans. Every change is durable when the call returns.</summary>
public interface IBanStore
{
    IReadOnlyList<Ban> Load();

    void Save(Ban ban);

    void Remove(IPAddress address);
}
