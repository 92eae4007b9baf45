using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
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
    public void The_audit_log_is_searched_by_every_field_and_page_by_page()
    {
        var kinds = new[] { "sign-in.ok", "sign-in.failed", "sign-inn.other", "user.added" };
        var events = Enumerable.Range(0, 40).Select(i => new AuditEvent(
            Now.AddHours(i), kinds[i % 4], $"u{i % 3}@example.test", i % 2 == 0 ? "imap" : "web", IPAddress.Parse($"192.0.2.{i}"), $"Detail {i}")).ToArray();
        _store.Append(events);
        Assert.Equal(events, _store.Find(new AuditFilter()).Events);
        Assert.Null(_store.Find(new AuditFilter()).Next);
        Assert.Equal(events.Where(static e => e.Kind.StartsWith("sign-in.", StringComparison.Ordinal)), _store.Find(new AuditFilter { Kind = "sign-in" }).Events);
        Assert.Equal(events.Where(static e => e.Kind == "sign-in.failed"), _store.Find(new AuditFilter { Kind = "Sign-In.Failed" }).Events);
        Assert.Equal(events.Where(static e => e.Account == "u1@example.test"), _store.Find(new AuditFilter { Account = "U1@example.test" }).Events);
        Assert.Equal(events.Where(static e => e.Actor == "web"), _store.Find(new AuditFilter { By = "web" }).Events);
        Assert.Equal(events[5..7], _store.Find(new AuditFilter { Since = Now.AddHours(5), Until = Now.AddHours(7) }).Events);
        Assert.Equal([events[39]], _store.Find(new AuditFilter { Text = "DETAIL 192.0.2.39" }).Events);
        Assert.Equal([events[39]], _store.Find(new AuditFilter { Text = "user.added u0@example.test 39" }).Events);
        Assert.Empty(_store.Find(new AuditFilter { Text = "nothing" }).Events);
        Assert.Empty(_store.Find(new AuditFilter { Text = "100%_'" }).Events);
        var all = new List<AuditEvent>();
        for (long? before = null; ;)
        {
            var page = _store.Find(new AuditFilter { By = "imap", Before = before, Max = 6 });
            all.InsertRange(0, page.Events);
            before = page.Next;
            if (before is null) break;
        }

        Assert.Equal(events.Where(static e => e.Actor == "imap"), all);
    }

    [Fact]
    public void One_search_looks_at_a_limited_number_of_events_and_tells_where_to_go_on()
    {
        const int Many = 250_000;
        _store.Append([.. Enumerable.Range(0, Many).Select(static i => new AuditEvent(Now, "user.added", i == 0 ? "first" : "", "cli", null, ""))]);
        var page = _store.Find(new AuditFilter { Account = "first" });
        Assert.Empty(page.Events);
        Assert.Single(_store.Find(new AuditFilter { Account = "first", Before = page.Next }).Events);
    }

    [Fact]
    public void Page_sessions_are_stored_until_they_are_removed_or_too_old()
    {
        var first = new StoredPageSession("A1", new AccountId(7), EmailAddress.Parse("a@example.test"), new CredentialFingerprint("own 12"), Now, Now)
        {
            Peer = IPAddress.Parse("2001:db8::1"),
            Browser = "Firefox on Linux",
        };
        var second = first with { Digest = "B2", Account = new AccountId(8) };
        _store.SaveSession(first);
        _store.SaveSession(second);
        var changed = first with { LastUsedAt = Now.AddMinutes(5), Password = new CredentialFingerprint("own 34"), HasSecondFactor = true };
        _store.SaveSession(changed);
        using (var again = AccessStore.Open(Path.Combine(_folder, "access.db")))
            Assert.Equal([changed, second], again.LoadSessions().OrderBy(static s => s.Digest, StringComparer.Ordinal));
        _store.RemoveSessions(["B2", "missing"]);
        Assert.Equal("A1", Assert.Single(_store.LoadSessions()).Digest);
        _store.Prune(Now.AddHours(13), Limits.Default);
        Assert.Empty(_store.LoadSessions());
        _store.SaveSession(first with { StartedAt = Now.AddYears(10) });
        _store.Prune(Now, Limits.Default);
        Assert.Empty(_store.LoadSessions());
    }

    [Fact]
    public void Bans_and_events_of_the_first_version_are_kept()
    {
        var path = Path.Combine(_folder, "old.db");
        using (var old = MailServer.Storage.Sqlite.SqliteDatabase.Open(path))
        {
            old.Execute(AccessTables.Steps[0]);
            old.Execute("INSERT INTO bans (address, since, until, reason, by_hand) VALUES ('192.0.2.1', 1, 99999999999999, 'old', 1)");
            Assert.Equal(1, old.Scalar("PRAGMA user_version"));
        }

        using var store = AccessStore.Open(path);
        Assert.Equal("old", Assert.Single(store.Load()).Reason);
        Assert.Empty(store.LoadSessions());
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
