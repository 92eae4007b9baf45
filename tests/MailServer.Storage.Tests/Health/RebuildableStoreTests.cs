using MailServer.Domain;
using MailServer.Domain.Health;
using MailServer.Storage.Access;
using MailServer.Storage.Health;
using MailServer.Storage.History;
using MailServer.Storage.MtaSts;
using MailServer.Storage.Reports;
using MailServer.Storage.Tracing;
using MailServer.Storage.Trust;

namespace MailServer.Storage.Tests.Health;

/// <summary>Databases that the server can lose: it works in memory while a file cannot be used, and returns to the file by itself.</summary>
public sealed class RebuildableStoreTests : IDisposable
{
    private static readonly Dictionary<string, Func<string, StoreProblems, IDisposable>> Openers = new()
    {
        ["access.db"] = AccessStore.Open,
        ["trust.db"] = static (path, problems) => TrustStore.Open(path, TimeProvider.System, problems),
        ["trace.db"] = TraceStore.Open,
        ["history.db"] = HistoryStore.Open,
        ["reports.db"] = static (path, problems) => ReportStore.Open(path, new Limits(), problems: problems),
        ["mta-sts.db"] = static (path, problems) => MtaStsCache.Open(path, 100, problems),
    };

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("rebuildable-").FullName;
    private readonly NodeProblems _problems = new();

    public static TheoryData<string> Names => [.. DatabaseKind.All.Where(static k => k.Recovery == StoreRecovery.Emptied).Select(static k => k.Name)];

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_problem_of_a_file_disappears_with_its_cause_although_nobody_uses_the_database(string name)
    {
        var path = Path.Combine(_folder, name);
        var stores = new StoreProblems(_problems);
        // Opening a directory as a database fails for root too.
        System.IO.Directory.CreateDirectory(path);
        using var store = Openers[name](path, stores);
        stores.ClearResolved();
        Assert.Contains(_problems.Current, p => p.Subject == name && p.Text.Contains(path, StringComparison.Ordinal));

        System.IO.Directory.Delete(path);
        stores.ClearResolved();
        Assert.Empty(_problems.Current);
        Assert.True(File.Exists(path));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_closed_database_is_not_opened_again(string name)
    {
        var path = Path.Combine(_folder, name);
        var stores = new StoreProblems(_problems);
        System.IO.Directory.CreateDirectory(path);
        Openers[name](path, stores).Dispose();
        System.IO.Directory.Delete(path);
        stores.ClearResolved();
        Assert.False(File.Exists(path));
    }
}
