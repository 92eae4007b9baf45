using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Tracing;

namespace MailServer.Storage.Tests.Tracing;

public sealed class TraceStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("trace-").FullName;

    private string File => Path.Combine(_folder, "trace.db");

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_trace_is_found_by_spool_id_and_by_Message_ID_after_a_restart()
    {
        using (var store = TraceStore.Open(File))
        {
            store.Add([Step("1.a", 0, "came", "<x@example.org>"), Step("2.a", 1, "another", "<y@example.org>")]);
            store.Add([Step("1.a", 2, "went")]);
        }

        using var again = TraceStore.Open(File);
        Assert.Equal(["came", "went"], Assert.Single(again.Find("1.a")).Steps.Select(s => s.Text));
        var story = Assert.Single(again.Find("<x@example.org>"));
        Assert.Equal((new SpoolId("1.a"), "x@example.org", 2), (story.Message, story.MessageId, story.Steps.Count));
        Assert.Equal(Now.AddMinutes(2), story.Steps[1].At);
        Assert.Empty(again.Find("z@example.org"));
    }

    [Fact]
    public void Two_messages_with_the_same_Message_ID_have_separate_traces()
    {
        using var store = TraceStore.Open(File);
        store.Add([Step("1.a", 0, "first", "<x@example.org>"), Step("2.a", 1, "second", "x@example.org")]);
        Assert.Equal(["first", "second"], store.Find("x@example.org").Select(s => s.Steps[0].Text));
    }

    [Fact]
    public void Old_traces_are_removed_completely_and_active_ones_are_kept_completely()
    {
        using var store = TraceStore.Open(File);
        store.Add([Step("1.a", 0, "old"), Step("2.a", 0, "old too"), Step("2.a", 100, "and new")]);
        store.Prune(Now.AddMinutes(50), 100);
        Assert.Empty(store.Find("1.a"));
        Assert.Equal(2, Assert.Single(store.Find("2.a")).Steps.Count);
    }

    [Fact]
    public void Beyond_the_limit_the_oldest_are_removed()
    {
        using var store = TraceStore.Open(File);
        store.Add([.. Enumerable.Range(0, 10).Select(n => Step($"{n}.a", n, "x"))]);
        store.Prune(DateTimeOffset.MinValue, 3);
        Assert.Equal([7, 8, 9], Enumerable.Range(0, 10).Where(n => store.Find($"{n}.a").Count > 0));
    }

    [Fact]
    public void A_damaged_file_is_replaced_by_a_new_one()
    {
        System.IO.File.WriteAllText(File, new string('x', 10_000));
        using var store = TraceStore.Open(File);
        store.Add([Step("1.a", 0, "x")]);
        Assert.Single(store.Find("1.a"));
    }

    private static TraceStep Step(string message, int minute, string what, string? messageId = null) =>
        new(new SpoolId(message), messageId, Now.AddMinutes(minute), "", what);
}
