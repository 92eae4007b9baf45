using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Storage.Access;

namespace MailServer.Storage.Tests.Access;

public sealed class AccessStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("access-").FullName;
    private readonly AccessStore _store;

    public AccessStoreTests() => _store = AccessStore.Open(Path.Combine(_folder, "access.db"));

    public void Dispose()
    {
        _store.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Events_are_returned_in_order_filtered_by_age_and_account()
    {
        var events = Enumerable.Range(0, 10)
            .Select(i => new AuditEvent(Now.AddHours(i), "sign-in.ok", i % 2 == 0 ? "a@example.test" : "b@example.test", "mail", IPAddress.Parse("2001:db8::1"), $"{i}")).ToArray();
        _store.Append(events);
        Assert.Equal(events, _store.Read(DateTimeOffset.UnixEpoch, null, 100));
        Assert.Equal(events[5..], _store.Read(Now.AddHours(5), null, 100));
        Assert.Equal(events.Where(e => e.Account[0] == 'b'), _store.Read(DateTimeOffset.UnixEpoch, "B@example.test", 100));
        Assert.Equal(events[7..], _store.Read(DateTimeOffset.UnixEpoch, null, 3));
    }

    [Fact]
    public void Old_and_excess_events_are_removed()
    {
        _store.Append([.. Enumerable.Range(0, 20).Select(i => new AuditEvent(Now.AddDays(i), "x", "", "", null, $"{i}"))]);
        _store.Prune(Now.AddDays(20), Limits.Default with { AuditRetention = TimeSpan.FromDays(10) });
        Assert.Equal(10, _store.Read(DateTimeOffset.UnixEpoch, null, 100).Count);
        _store.Prune(Now.AddDays(20), Limits.Default with { AuditEvents = 3 });
        Assert.Equal(["17", "18", "19"], _store.Read(DateTimeOffset.UnixEpoch, null, 100).Select(e => e.Detail));
    }

    [Fact]
    public void Bans_are_stored_with_and_without_an_expiry()
    {
        var ban = new Ban(IPAddress.Parse("203.0.113.9"), Now, Now.AddHours(1), "guessing", IsManual: false);
        var forEver = new Ban(IPAddress.Parse("2001:db8::"), Now, DateTimeOffset.MaxValue, "by hand", IsManual: true);
        _store.Save(ban with { Reason = "before" });
        _store.Save(ban);
        _store.Save(forEver);
        using (var another = AccessStore.Open(Path.Combine(_folder, "access.db"))) Assert.Equal([ban, forEver], another.Load().OrderBy(b => b.Until));
        _store.Prune(Now.AddHours(2), Limits.Default);
        Assert.Equal(forEver, Assert.Single(_store.Load()));
        _store.Remove(forEver.Address);
        Assert.Empty(_store.Load());
    }

    [Fact]
    public void The_file_is_readable_only_by_the_server()
    {
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "access.db")));
    }
}
