using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Mailboxes;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Messages;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>The mailbox actor fills the text index behind its back, and removes it when it is switched off.</summary>
public sealed class TextIndexingTests : TestKit
{
    private const string Dispatcher = "storage-dispatcher { type = ForkJoinDispatcher\n dedicated-thread-pool { thread-count = 2 } }";
    private static readonly AccountId Alice = new(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly MessageSpool _spool;
    private readonly MailboxServices _services;

    public TextIndexingTests() : base(Dispatcher)
    {
        var format = new MessageFormat(Limits.Default);
        _spool = new MessageSpool(new SpoolOptions { Directory = _directory["spool"] }, format, TimeProvider.System);
        _services = new MailboxServices
        {
            MaildirDirectory = _directory["maildir"],
            SpoolDirectory = _directory["spool"],
            Limits = Limits.Default,
            Format = format,
            Indexing = new IndexingThread(),
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        };
    }

    private string IndexFile => Path.Combine(_directory["maildir"], "user_1", "search.db");

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public void New_mail_is_indexed_and_found_before_and_after()
    {
        var region = Sys.ActorOf(MailboxActor.Region(_services));
        for (var i = 1; i <= 200; i++) Deliver(region, i);
        var inbox = Select(region);
        Assert.Equal([77u], Search(region, inbox, "word77."));
        Assert.Equal([199u], Search(region, inbox, "word199."));
        // The messages together have more grams than an empty index has octets.
        AwaitAssert(() => Assert.InRange(Size(), 30_000, 1_000_000), TimeSpan.FromSeconds(20));
        Deliver(region, 201);
        Assert.Equal([77u], Search(region, inbox, "word77."));
        Assert.Equal([201u], Search(region, inbox, "word201."));
        Stop(region);
        // The index that was filled by one actor serves the next.
        region = Sys.ActorOf(MailboxActor.Region(_services));
        Assert.Equal([77u], Search(region, Select(region), "word77."));
        Stop(region);
        region = Sys.ActorOf(MailboxActor.Region(_services with { Indexing = null }));
        Assert.Equal([201u], Search(region, Select(region), "word201."));
        Assert.False(File.Exists(IndexFile));
        Stop(region);
    }

    [Fact]
    public void The_end_of_a_long_run_is_logged()
    {
        var region = Sys.ActorOf(MailboxActor.Region(_services with { Indexing = null }));
        for (var i = 1; i <= 1_000; i++) Deliver(region, i);
        Stop(region);
        var lines = new Lines();
        region = Sys.ActorOf(MailboxActor.Region(_services with { Loggers = lines }));
        Select(region);
        AwaitAssert(() => Assert.Contains(lines.All, static line => line.StartsWith("Messages added to the text index of account 1: 1000, in ", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
        Stop(region);
    }

    private long Size() => new[] { IndexFile, IndexFile + "-wal" }.Where(File.Exists).Sum(static file => new FileInfo(file).Length);

    private void Stop(IActorRef region)
    {
        Watch(region);
        Sys.Stop(region);
        ExpectTerminated(region, TimeSpan.FromSeconds(10));
    }

    private FolderId Select(IActorRef region)
    {
        region.Tell(new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Select(FolderName.Inbox, ReadOnly: true)), CreateTestProbe());
        region.Tell(new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.GetStatus(FolderName.Inbox)), TestActor);
        return ExpectMsg<MailboxReply.Status>().Folder.Id;
    }

    private uint[] Search(IActorRef region, FolderId folder, string text)
    {
        region.Tell(new MailboxProtocol.AccountRequest(Alice, new MailboxRequest.Search(folder, new SearchCriteria.Body(text))), TestActor);
        return [.. ExpectMsg<MailboxReply.SearchResult>(TimeSpan.FromSeconds(10)).Uids.Select(static uid => uid.Value)];
    }

    private void Deliver(IActorRef region, int number)
    {
        using var buffer = _spool.Begin();
        buffer.Write(Encoding.ASCII.GetBytes($"Subject: message {number}\r\n\r\nThis one has the word{number}. and nothing else, {Guid.NewGuid()} {Guid.NewGuid()}\r\n"));
        region.Tell(new MailboxProtocol.Deliver(Alice, FolderName.Inbox, _spool.Commit(buffer, default)), TestActor);
        Assert.IsType<MailboxReply.Appended>(ExpectMsg<MailboxProtocol.Delivered>().Result);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
