using System.Net;
using MailServer.Domain.Access;
using MailServer.Storage.Postgres;

namespace MailServer.Storage.Tests.Postgres;

public sealed class PostgresBanStoreTests
{
    [PostgresFact]
    public void A_ban_of_one_node_is_loaded_by_the_other_until_it_expires()
    {
        var connection = PostgresServer.Shared.CreateDatabase();
        using var a = new PostgresDatabase(connection);
        using var b = new PostgresDatabase(connection);
        a.Migrate(create: true);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var forEver = new Ban(IPAddress.Parse("192.0.2.1"), now, DateTimeOffset.MaxValue, "guessing", IsManual: true);
        var ended = new Ban(IPAddress.Parse("192.0.2.2"), now.AddHours(-2), now.AddHours(-1), "guessing", IsManual: false);
        var store = new PostgresBanStore(a, TimeProvider.System);
        store.Save(ended);
        store.Save(forEver);
        var other = new PostgresBanStore(b, TimeProvider.System);
        Assert.Equal([forEver], other.Load());
        other.Remove(forEver.Address);
        Assert.Empty(store.Load());
    }
}
