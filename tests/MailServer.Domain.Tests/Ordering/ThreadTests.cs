using CsCheck;
using MailServer.Domain.Ordering;

namespace MailServer.Domain.Tests.Ordering;

public class ThreadTests
{
    private static readonly Gen<ThreadMessage> Messages = Gen.Select(
        Gen.Int[0, 5], Gen.OneOfConst("", "A", "B"), Gen.Bool, Gen.Int[-1, 8], Gen.Int[0, 12].Array[0, 4],
        (sent, subject, isReply, id, references) => new ThreadMessage(sent, subject, isReply, id, references));

    [Fact]
    public void Threads_by_references_follow_the_steps_of_the_RFC() => Messages.Array[0, 9].Sample(
        messages => Assert.Equal(ReferenceModel.Build(messages), ReferenceThreads.Build(messages)), iter: 20_000);

    [Fact]
    public void Threads_contain_every_message_once() => Messages.Array[0, 40].Sample(messages =>
    {
        foreach (var threads in new[] { ReferenceThreads.Build(messages), SubjectThreads.Build(messages) })
            Assert.Equal(Enumerable.Range(1, messages.Length).Select(i => (uint)i), threads.Select(t => t.Number).Where(n => n > 0).Order());
    });

    [Fact]
    public void A_missing_parent_holds_its_children_together() => Assert.Equal(
        [new(0, 0), new(1, 1), new(2, 1)],
        ReferenceThreads.Build([new ThreadMessage(1, "A", true, 1, new[] { 9 }), new ThreadMessage(2, "B", true, 2, new[] { 9 })]));

    [Fact]
    public void A_thread_by_subject_has_no_grandchildren() => Assert.Equal(
        [new(3, 0), new(1, 0), new(2, 1), new(4, 1)],
        SubjectThreads.Build([new ThreadMessage(2, "A"), new ThreadMessage(3, "A"), new ThreadMessage(1, "B"), new ThreadMessage(4, "A")]));

    [Fact]
    public void References_in_a_circle_make_no_loop()
    {
        var threads = ReferenceThreads.Build([new ThreadMessage(1, "", false, 1, new[] { 2 }), new ThreadMessage(2, "", false, 2, new[] { 1 }), new ThreadMessage(3, "", false, 3, new[] { 3 })]);
        Assert.Equal([new(2, 0), new(1, 1), new(3, 0)], threads);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_messages_with_malicious_references_takes_bounded_work()
    {
        const int Count = 100_000;
        var messages = new ThreadMessage[Count];
        for (var i = 0; i < Count; i++)
        {
            // Each message is the child of the last one, and tries often to make the first one a descendant of itself.
            var references = new int[50];
            for (var r = 0; r < references.Length; r++) references[r] = r % 2 == 0 ? Math.Max(0, i - 1) : 0;
            references[^1] = Math.Max(0, i - 1);
            messages[i] = new ThreadMessage(i, "", false, i, references);
        }

        Assert.Equal(Count, ReferenceThreads.Build(messages).Count(t => t.Number > 0));
    }

    [Fact]
    public void Messages_are_sorted_by_each_column_in_turn_and_stay_in_order_otherwise() =>
        Gen.Select(Gen.Long[0, 3], Gen.OneOfConst("", "A", "a\uE000", "a\U0001F600", "B"), Gen.Bool, Gen.Bool).Array[1, 30].Sample(rows =>
        {
            var (reverseFirst, reverseSecond) = (rows[0].Item3, rows[0].Item4);
            var order = MessageSorter.Sort(rows.Length, [new SortColumn([.. rows.Select(r => r.Item1)], reverseFirst), new SortColumn([.. rows.Select(r => r.Item2)], reverseSecond)]);
            var expected = Enumerable.Range(0, rows.Length).OrderBy(i => reverseFirst ? -rows[i].Item1 : rows[i].Item1);
            var octets = Comparer<string>.Create((a, b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)));
            Assert.Equal(reverseSecond ? expected.ThenByDescending(i => rows[i].Item2, octets) : expected.ThenBy(i => rows[i].Item2, octets), order);
        });
}
