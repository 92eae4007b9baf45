using System.Text;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Maintenance;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>Imports into mailboxes that are in use.</summary>
public sealed class MailImportServiceTests : TestKit
{
    private const string Dispatcher = "storage-dispatcher { type = ForkJoinDispatcher\n dedicated-thread-pool { thread-count = 2 } }";
    private const int Messages = 60;

    private readonly TemporaryDirectory _directory = new();
    private readonly MessageSpool _spool;
    private readonly MailImportService _import;

    public MailImportServiceTests() : base(Dispatcher)
    {
        var format = new MessageFormat(Limits.Default);
        _spool = new MessageSpool(new SpoolOptions { Directory = _directory["spool"] }, format, TimeProvider.System);
        var region = Sys.ActorOf(MailboxActor.Region(new MailboxServices
        {
            MaildirDirectory = _directory["maildir"],
            SpoolDirectory = _directory["spool"],
            Limits = Limits.Default,
            Format = format,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        }));
        _import = new MailImportService(() => region, _spool);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 2, 3, 4)]
    [InlineData(1, 2, 1, 2)]
    public async Task Concurrent_imports_of_the_same_messages_file_each_once_per_account(params int[] accounts)
    {
        var batch = Batch("Archive/2019");
        var outcomes = await Task.WhenAll(accounts.Select(a => _import.FileAsync(new AccountId(a), batch, CancellationToken.None)));
        Assert.DoesNotContain(outcomes.SelectMany(static o => o), static o => o is not (ImportOutcome.Filed or ImportOutcome.AlreadyThere));
        foreach (var account in accounts.Distinct())
        {
            var filed = outcomes.Where((_, i) => accounts[i] == account).Sum(static o => o.Count(static outcome => outcome == ImportOutcome.Filed));
            Assert.Equal(Messages, filed);
            Assert.Equal(Messages, Directory.GetFiles(Path.Combine(_directory["maildir"], $"user_{account}", "Archive", "2019", "cur")).Length);
        }

        Assert.DoesNotContain(Directory.GetFiles(_directory["spool"]), static f => f.Contains("import", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_was_imported_before_is_reported_as_such()
    {
        var (account, batch) = (new AccountId(1), Batch("INBOX"));
        Assert.All(await _import.FileAsync(account, [.. batch.Take(Messages / 2)], CancellationToken.None), static o => Assert.Equal(ImportOutcome.Filed, o));
        var again = await _import.FileAsync(account, batch, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, Messages).Select(static i => i < Messages / 2 ? ImportOutcome.AlreadyThere : ImportOutcome.Filed), again);
    }

    [Fact]
    public async Task Folders_that_were_subscribed_are_subscribed_here()
    {
        var account = new AccountId(1);
        await _import.FileAsync(account, [.. Batch("Shown").Take(2).Select(static m => (m.Message with { IsSubscribed = true }, m.Content)), .. Batch("Hidden").Take(1)], CancellationToken.None);
        var subscriptions = await File.ReadAllLinesAsync(Path.Combine(_directory["maildir"], $"user_{account}", "subscriptions"));
        Assert.Contains("Shown", subscriptions);
        Assert.DoesNotContain("Hidden", subscriptions);
    }

    private static (ImportedMessage Message, ReadOnlyMemory<byte> Content)[] Batch(string folder) =>
    [
        .. Enumerable.Range(0, Messages).Select(i => (
            new ImportedMessage(new SpoolId($"{i}.I{i}.import"), FolderName.Parse(folder), MessageFlags.None, DateTimeOffset.UnixEpoch.AddDays(i)),
            (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\nbody\r\n"))),
    ];
}
