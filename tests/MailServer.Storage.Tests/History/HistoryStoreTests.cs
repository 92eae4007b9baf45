using MailServer.Domain.Measurements;
using MailServer.Storage.History;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Tests.History;

/// <summary>The history of a node: what it keeps, for how long, and that it does not grow.</summary>
public sealed class HistoryStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly HistoryValues One = new(1, 2, 3, 4, 5, 6, 7, 8);

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("history-").FullName;

    private string File => Path.Combine(_folder, "history.db");

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(HistorySpan.Day)]
    [InlineData(HistorySpan.Month)]
    [InlineData(HistorySpan.Year)]
    public void Values_of_one_point_are_added_and_survive_a_restart_and_the_queue_is_the_highest(HistorySpan span)
    {
        using (var store = HistoryStore.Open(File))
        {
            store.Add(Noon, One);
            store.Add(Noon.AddMinutes(1), One with { Queued = 9 });
            store.Add(Noon.AddMinutes(2), One with { Queued = 5 });
        }

        using var again = HistoryStore.Open(File);
        var point = Assert.Single(again.Read(span, Noon.AddMinutes(3)));
        Assert.Equal(HistorySpans.StartOf(span, Noon), point.At);
        Assert.Equal(new HistoryValues(3, 6, 9, 12, 15, 9, 21, 24), point.Values);
    }

    [Fact]
    public void Points_are_kept_for_their_period_and_the_file_never_has_more_rows_than_points()
    {
        using var store = HistoryStore.Open(File);
        // Three years, every four hours.
        var now = Noon;
        for (var i = 0; i < 3 * 366 * 6; i++, now = now.AddHours(4)) store.Add(now, One);
        now = now.AddHours(-4);
        Assert.Equal(6, store.Read(HistorySpan.Day, now).Count);
        Assert.Equal(186, store.Read(HistorySpan.Month, now).Count);
        var year = store.Read(HistorySpan.Year, now);
        Assert.Equal(366, year.Count);
        Assert.All(year.Skip(1).SkipLast(1), static p => Assert.Equal(6, p.Values.Received));
        Assert.True(year[0].At > now.AddDays(-367));
        // Two more days with every point of a day.
        for (var i = 0; i < 2 * 144; i++) store.Add(now = now.AddMinutes(10), One);
        Assert.Equal(144, store.Read(HistorySpan.Day, now).Count);
        using var file = SqliteDatabase.OpenReadOnly(File);
        Assert.Equal(144 + 186 + 366, file.Scalar("SELECT count(*) FROM points"));
        store.Dispose();
        Assert.True(new FileInfo(File).Length < 200_000, $"{new FileInfo(File).Length} octets");
    }

    [Fact]
    public void Old_points_of_the_ring_and_points_of_a_wrong_clock_are_not_shown()
    {
        using var store = HistoryStore.Open(File);
        store.Add(Noon, One);
        store.Add(Noon.AddYears(5), One);
        Assert.Empty(store.Read(HistorySpan.Day, Noon.AddDays(2)));
        Assert.Single(store.Read(HistorySpan.Year, Noon.AddDays(2)));
        // The ring has come round: the new value replaces the old one.
        store.Add(Noon.AddDays(1), One);
        Assert.Equal(One, Assert.Single(store.Read(HistorySpan.Day, Noon.AddDays(1))).Values);
    }
}
