using System.Net;

namespace MailServer.Domain.Access;

/// <summary>Bans that outlive a restart. Each call is durable when it returns.</summary>
public interface IBanStore
{
    IReadOnlyList<Ban> Load();

    void Save(Ban ban);

    void Remove(IPAddress address);
}
