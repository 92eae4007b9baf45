using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Storage.Tests.Directory;

/// <summary>The directory of a running server while its file is damaged, repaired or removed.</summary>
public sealed class RecoveringDirectoryTests : IDisposable
{
    private static readonly StoredPassword Password = new PasswordHasher(DirectoryFixture.Cheap).Hash("correct horse 9");
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("recovering-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly NodeProblems _problems = new();
    private readonly RecoveringDirectory _directory;

    public RecoveringDirectoryTests()
    {
        DirectoryStore.Open(Database, create: true, _time).Dispose();
        _directory = RecoveringDirectory.Open(Database, _time, null, new AccountFolders(Path.Combine(_folder, "maildir")), new StoreProblems(_problems));
        _directory.Administration.AddDomainAsync("example.org", default).AsTask().Wait();
    }

    private string Database => Path.Combine(_folder, "mail.db");

    public void Dispose()
    {
        _directory.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_id_assigned_after_the_snapshot_is_not_reused_when_the_snapshot_is_restored()
    {
        var ann = await AddAsync("ann");
        _directory.Maintain(TimeSpan.Zero);
        var bob = await AddAsync("bob");
        var openings = _directory.OpenCount;
        await File.WriteAllBytesAsync(Database, new byte[8192]);
        _directory.Maintain(TimeSpan.FromDays(1));
        Assert.Contains("snapshot", DatabaseCheck.RestoreSnapshot(Database, _time), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(5));
        _directory.Maintain(TimeSpan.FromDays(1));
        Assert.True(_directory.OpenCount > openings);
        Assert.Empty(_problems.Current);
        Assert.Equal([ann.Id], (await _directory.Administration.ListAccountsAsync(null, default)).Select(static a => a.Id));
        Assert.True((await AddAsync("eve")).Id.Value > bob.Id.Value);
    }

    [Fact]
    public async Task A_removed_file_is_rewritten_with_all_its_content()
    {
        var ann = await AddAsync("ann");
        File.Delete(Database);
        _directory.Maintain(TimeSpan.FromDays(1));
        Assert.True(File.Exists(Database));
        Assert.Equal(ann.Id, (await _directory.FindAccountAsync(ann.Id, default))?.Id);
        Assert.True((await AddAsync("bob")).Id.Value > ann.Id.Value);
    }

    [Fact]
    public async Task A_snapshot_dated_by_a_clock_years_ahead_is_replaced_once_the_clock_is_corrected()
    {
        await AddAsync("ann");
        _directory.Maintain(TimeSpan.Zero);
        File.SetLastWriteTimeUtc(DatabaseSnapshot.PathOf(Database), _time.GetUtcNow().UtcDateTime.AddYears(10));
        await AddAsync("bob");
        _directory.Maintain(TimeSpan.FromHours(1));
        Assert.True(DatabaseSnapshot.TakenAt(Database) < _time.GetUtcNow().AddDays(1));
    }

    private async Task<Account> AddAsync(string name) => await _directory.Administration.AddAccountAsync(EmailAddress.Parse(name + "@example.org"), Password, default);
}
