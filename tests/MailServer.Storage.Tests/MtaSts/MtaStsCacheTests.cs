using MailServer.Domain.TransportSecurity;
using MailServer.Storage.MtaSts;

namespace MailServer.Storage.Tests.MtaSts;

public sealed class MtaStsCacheTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("sts-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "mta-sts.db");

    [Fact]
    public void Cached_policies_survive_a_restart()
    {
        using (var cache = Open()) cache.Put(Entry("example.org", Now));
        using var again = Open();
        var found = again.Find("example.org")!;
        Assert.Equal(("id1", Now, MtaStsMode.Enforce, "mx.example.org"), (found.Id, found.FetchedAt, found.Policy.Mode, found.Policy.MxPatterns[0]));
        Assert.Null(again.Find("other.org"));
        again.Put(Entry("example.org", Now) with { Id = "id2" });
        Assert.Equal("id2", again.Find("example.org")!.Id);
    }

    [Fact]
    public void Beyond_the_limit_expired_entries_are_removed_first_and_then_the_oldest()
    {
        using var cache = Open(most: 2);
        for (var i = 0; i < 3; i++) cache.Put(Entry($"{i}.org", Now.AddMinutes(i)));
        Assert.Null(cache.Find("0.org"));
        Assert.NotNull(cache.Find("1.org"));
        cache.Put(Entry("late.org", Now.AddDays(10)));
        Assert.Null(cache.Find("2.org"));
        Assert.NotNull(cache.Find("late.org"));
    }

    [Fact]
    public void Entries_due_for_refresh_are_old_and_recently_used()
    {
        using var cache = Open();
        cache.Put(Entry("fresh.org", Now));
        cache.Put(Entry("aged.org", Now.AddDays(-2)) with { LastUsedAt = Now });
        cache.Put(Entry("unused.org", Now.AddDays(-2)) with { LastUsedAt = Now.AddDays(-2) });
        Assert.Equal(["aged.org"], cache.FindStale(Now.AddDays(-1), Now.AddDays(-1), 10).Select(static e => e.Domain));
    }

    [Fact]
    public void A_damaged_file_is_replaced_by_a_new_one()
    {
        File.WriteAllText(Path, new string('x', 10_000));
        using var cache = Open();
        cache.Put(Entry("example.org", Now));
        Assert.NotNull(cache.Find("example.org"));
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    private MtaStsCache Open(int most = 100) => MtaStsCache.Open(Path, most);

    private static CachedMtaStsPolicy Entry(string domain, DateTimeOffset at) => new(domain, "id1", MtaStsPolicy.ForHost("mx.example.org", MtaStsMode.Enforce), at, at);
}
