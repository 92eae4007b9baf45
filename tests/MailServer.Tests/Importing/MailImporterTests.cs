using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;

namespace MailServer.Tests.Importing;

/// <summary>Handling of the mailbox results by the importer.</summary>
public sealed class MailImporterTests : IDisposable
{
    private readonly string _report = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
    private readonly List<string> _complaints = [];

    public static TheoryData<ImportOutcome> Outcomes() => [.. Enum.GetValues<ImportOutcome>()];

    public void Dispose() => File.Delete(_report);

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task Only_temporarily_refused_messages_are_retried(ImportOutcome first)
    {
        var target = new FakeImportTarget { Answers = { ["one"] = new Queue<ImportOutcome>([first]) } };
        var summary = await ImportAsync(target, "one", "two");
        var isTemporary = first == ImportOutcome.Unavailable;
        Assert.Equal(isTemporary ? ["one", "two", "one"] : ["one", "two"], target.Offered);
        var isRefused = !isTemporary && first is not (ImportOutcome.Filed or ImportOutcome.AlreadyThere);
        Assert.Equal(isRefused ? 1 : 0, summary.Refused);
        Assert.Equal(first == ImportOutcome.AlreadyThere ? 1 : 0, summary.AlreadyThere);
        Assert.Equal(2, summary.Found);
        Assert.Equal(summary.Found, summary.Filed + summary.AlreadyThere + summary.Refused);
        Assert.Equal(isRefused, _complaints.Count > 0);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(3, 2, 1)]
    [InlineData(500, 30, 20)]
    public async Task Every_message_found_is_filed_already_present_or_listed_as_refused(int good, int refusedBySource, int refusedByMailbox)
    {
        var target = new FakeImportTarget();
        var items = new List<SourceItem>();
        for (var i = 0; i < good; i++) items.Add(Message($"good {i}"));
        for (var i = 0; i < refusedBySource; i++) items.Add(new SourceRefusal($"file {i}", "unreadable\nin two lines"));
        for (var i = 0; i < refusedByMailbox; i++)
        {
            items.Add(Message($"bad {i}"));
            target.Answers[$"bad {i}"] = new Queue<ImportOutcome>([ImportOutcome.OverQuota]);
        }

        items.Add(Message(new string('x', 2_000)));
        var summary = await ImportAsync(target, items);
        Assert.Equal(items.Count, summary.Found);
        Assert.Equal(good, summary.Filed);
        Assert.Equal(refusedBySource + refusedByMailbox + 1, summary.Refused);
        var lines = await File.ReadAllLinesAsync(_report);
        Assert.Equal(summary.Refused, lines.Length);
        Assert.All(lines, static line =>
        {
            using var read = JsonDocument.Parse(line);
            Assert.NotEqual("", read.RootElement.GetProperty("where").GetString());
            Assert.NotEqual("", read.RootElement.GetProperty("reason").GetString());
        });
        Assert.Equal(Math.Min(summary.Refused, ImportReport.MaxShown + 1), _complaints.Count);
    }

    [Theory]
    [InlineData("no header")]
    [InlineData("Date: Mon, 02 Mar 2020 10:00:00 +0000\r\n\r\n")]
    public async Task A_message_has_the_same_name_whatever_time_its_file_has(string content)
    {
        var target = new FakeImportTarget();
        var names = new HashSet<string>();
        foreach (var year in new[] { 1950, 1970, 2020, 2200 })
        {
            await ImportAsync(target, [Message(content) with { Date = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero) }]);
            names.Add(target.Last.Id.Value);
            Assert.Equal(year, target.Last.Date.Year);
        }

        Assert.Single(names);
    }

    [Fact]
    public async Task A_message_has_the_same_name_whatever_state_an_mbox_file_adds_to_it_and_another_one_with_duplicates()
    {
        const string Rest = "Message-ID: <1@b.example>\r\nSubject: one\r\n\r\nStatus: of the work\r\n";
        var target = new FakeImportTarget();
        var names = new HashSet<string>();
        foreach (var state in ImportFingerprint.Ignored.Select(static f => $"{f}: 12\r\n").Append("status: RO\r\nX-KEYWORDS: a\r\n b\r\n").Append(""))
        {
            foreach (var content in new[] { state + Rest, Rest.Replace("\r\n\r\n", "\r\n" + state + "\r\n", StringComparison.Ordinal) })
            {
                await ImportAsync(target, [Message(content)]);
                names.Add(target.Last.Id.Value);
            }
        }

        Assert.Single(names);
        await ImportAsync(target, [Message(Rest.Replace("work", "week", StringComparison.Ordinal))]);
        Assert.True(names.Add(target.Last.Id.Value));
        await ImportAsync(target, [Message(Rest) with { Folder = FolderName.Parse("Archive") }]);
        Assert.True(names.Add(target.Last.Id.Value));
        for (var i = 0; i < 2; i++)
        {
            await ImportAsync(target, [Message(Rest)], keepDuplicates: true);
            Assert.True(names.Add(target.Last.Id.Value));
        }
    }

    [Fact]
    public async Task A_message_with_too_many_keywords_for_its_folder_is_imported_without_them()
    {
        var target = new FakeImportTarget { Answers = { ["one"] = new Queue<ImportOutcome>([ImportOutcome.LimitReached]) } };
        var summary = await ImportAsync(target, [Message("one") with { Flags = new MessageFlags(SystemFlags.Seen, KeywordSet.Of("a")) }, Message("two")]);
        Assert.Equal(2, summary.Filed);
        Assert.Equal(["one", "two", "one"], target.Offered);
        Assert.Equal(new MessageFlags(SystemFlags.Seen, KeywordSet.Empty), target.Last.Flags);
    }

    [Fact]
    public async Task An_unwritable_report_loses_no_message_and_all_refusals_are_shown()
    {
        await File.WriteAllTextAsync(_report, "somebody's file");
        SourceItem[] items = [.. Enumerable.Range(0, 30).Select(static i => new SourceRefusal($"file {i}", "unreadable")), Message("one")];
        var summary = await ImportAsync(new FakeImportTarget(), items);
        Assert.Equal((31, 1, 30), (summary.Found, summary.Filed, summary.Refused));
        Assert.Equal(31, _complaints.Count);
        Assert.Equal("somebody's file", await File.ReadAllTextAsync(_report));
    }

    [Fact]
    public async Task The_retries_of_a_refused_message_are_limited()
    {
        var target = new FakeImportTarget { Answers = { ["one"] = new Queue<ImportOutcome>(Enumerable.Repeat(ImportOutcome.Unavailable, 1_000)) } };
        var summary = await ImportAsync(target, "one", "two");
        Assert.Equal(1, summary.Refused);
        Assert.Equal(1, summary.Filed);
        Assert.Equal(MailImporter.Attempts, target.Offered.Count(static o => o == "one"));
    }

    private static SourceMessage Message(string content) => new(content, FolderName.Inbox, MessageFlags.None, DateTimeOffset.UnixEpoch, Encoding.ASCII.GetBytes(content));

    private Task<ImportSummary> ImportAsync(FakeImportTarget target, params string[] messages) => ImportAsync(target, [.. messages.Select(Message)]);

    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(450)]
    public async Task A_source_with_too_many_messages_ends_after_the_last_that_is_allowed(int most)
    {
        var target = new FakeImportTarget();
        using var report = new ImportReport(_report, _complaints.Add);
        Task Import(int count) =>
            new MailImporter(target, 1_000, report, static _ => { }, new ImmediateTimers()) { MostMessages = most }.RunAsync(new Source([.. Enumerable.Range(0, count).Select(static i => Message($"message {i}"))]), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Import(1_000));
        Assert.Contains($"the first {most} messages", refused.Message, StringComparison.Ordinal);
        Assert.Equal(most, target.Offered.Count);
        await Import(most);
    }

    private async Task<ImportSummary> ImportAsync(FakeImportTarget target, IReadOnlyList<SourceItem> items, bool keepDuplicates = false)
    {
        using var report = new ImportReport(_report, _complaints.Add);
        return await new MailImporter(target, 1_000, report, static _ => { }, new ImmediateTimers()) { KeepsDuplicates = keepDuplicates }.RunAsync(new Source(items), CancellationToken.None);
    }

    private sealed class Source(IReadOnlyList<SourceItem> items) : IMailSource
    {
        public long? Count => items.Count;

        public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var item in items) yield return item;
        }
    }

    private sealed class FakeImportTarget : IImportTarget
    {
        public Dictionary<string, Queue<ImportOutcome>> Answers { get; } = [];

        public List<string> Offered { get; } = [];

        public ImportedMessage Last { get; private set; } = null!;

        public Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
        {
            var outcomes = new List<ImportOutcome>();
            foreach (var (message, content) in batch)
            {
                Last = message;
                var name = Encoding.ASCII.GetString(content.Span);
                Offered.Add(name);
                outcomes.Add(Answers.GetValueOrDefault(name)?.TryDequeue(out var answer) == true ? answer : ImportOutcome.Filed);
            }

            return Task.FromResult<IReadOnlyList<ImportOutcome>>(outcomes);
        }

        public void Dispose() { }
    }

    /// <summary>A clock whose timers are due at once.</summary>
    private sealed class ImmediateTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
