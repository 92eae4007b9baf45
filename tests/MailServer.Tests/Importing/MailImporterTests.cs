using System.Runtime.CompilerServices;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;

namespace MailServer.Tests.Importing;

/// <summary>What an importer does with the answers of the mailbox.</summary>
public sealed class MailImporterTests
{
    public static TheoryData<ImportOutcome> Outcomes() => [.. Enum.GetValues<ImportOutcome>()];

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task Only_a_message_that_is_refused_for_a_moment_is_offered_again(ImportOutcome first)
    {
        var target = new Target { Answers = { ["one"] = new Queue<ImportOutcome>([first]) } };
        var summary = await ImportAsync(target, "one", "two");
        var isTemporary = first == ImportOutcome.Unavailable;
        Assert.Equal(isTemporary ? ["one", "two", "one"] : ["one", "two"], target.Offered);
        var isRefused = !isTemporary && first is not (ImportOutcome.Filed or ImportOutcome.AlreadyThere);
        Assert.Equal(isRefused ? 1 : 0, summary.Refused);
        Assert.Equal(isRefused ? 1 : 2, summary.Filed);
    }

    [Fact]
    public async Task A_message_that_is_always_refused_is_offered_a_bounded_number_of_times()
    {
        var target = new Target { Answers = { ["one"] = new Queue<ImportOutcome>(Enumerable.Repeat(ImportOutcome.Unavailable, 1_000)) } };
        var summary = await ImportAsync(target, "one", "two");
        Assert.Equal(1, summary.Refused);
        Assert.Equal(1, summary.Filed);
        Assert.Equal(MailImporter.Attempts, target.Offered.Count(static o => o == "one"));
    }

    private static Task<ImportSummary> ImportAsync(Target target, params string[] messages) =>
        new MailImporter(target, 1_000, static _ => { }, static _ => { }, new NoPauses()).RunAsync(new Source(messages), CancellationToken.None);

    private sealed class Source(string[] messages) : IMailSource
    {
        public long? Count => messages.Length;

        public async IAsyncEnumerable<SourceMessage> ReadAsync(Action<string> complain, [EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var message in messages) yield return new SourceMessage(FolderName.Inbox, MessageFlags.None, DateTimeOffset.UnixEpoch, Encoding.ASCII.GetBytes(message));
        }
    }

    private sealed class Target : IImportTarget
    {
        public Dictionary<string, Queue<ImportOutcome>> Answers { get; } = [];

        public List<string> Offered { get; } = [];

        public Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
        {
            var outcomes = new List<ImportOutcome>();
            foreach (var (_, content) in batch)
            {
                var name = Encoding.ASCII.GetString(content.Span);
                Offered.Add(name);
                outcomes.Add(Answers.GetValueOrDefault(name)?.TryDequeue(out var answer) == true ? answer : ImportOutcome.Filed);
            }

            return Task.FromResult<IReadOnlyList<ImportOutcome>>(outcomes);
        }

        public void Dispose() { }
    }

    /// <summary>Every timer is due at once.</summary>
    private sealed class NoPauses : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
