using CsCheck;
using MailServer.Domain.Mailboxes;

namespace MailServer.Domain.Tests.Mailboxes;

public sealed class UidListTests
{
    private static readonly Gen<uint[]> Ascending = Gen.UInt[1, 60].HashSet[0, 30].Select(s => s.Order().ToArray());

    [Fact]
    public void An_empty_list_has_no_uids()
    {
        Assert.Equal(0, UidList.Empty.Count);
        Assert.Equal(0u, UidList.Empty.Last);
        Assert.False(UidList.Empty.Contains(1));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(4u)]
    [InlineData(5u)]
    public void Uids_must_ascend(uint uid) => Assert.Throws<ArgumentOutOfRangeException>(() => UidList.TakeOwnership([1, 5]).Add(uid));

    [Fact]
    public void An_older_list_does_not_contain_later_additions()
    {
        var older = UidList.TakeOwnership([1, 2]).Add(3);
        var newer = older.Add(4);
        Assert.Equal([1, 2, 3], older.Span.ToArray());
        Assert.Equal([1, 2, 3, 4], newer.Span.ToArray());
        Assert.Equal(3u, older.Last);
    }

    [Fact]
    public void Lists_derived_from_one_another_share_their_array()
    {
        var older = UidList.Empty.Add(1);
        var newer = older.Add(2).Add(3);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(older.Memory, out var a));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(newer.Memory, out var b));
        Assert.Same(a.Array, b.Array);
    }

    [Fact]
    public void Two_lists_derived_from_an_older_one_are_independent()
    {
        var root = UidList.Empty.Add(1).Add(2);
        var left = root.Add(3).Add(4);
        var right = root.Add(7);
        var third = root.Add(9).Add(10);
        Assert.Equal([1, 2], root.Span.ToArray());
        Assert.Equal([1, 2, 3, 4], left.Span.ToArray());
        Assert.Equal([1, 2, 7], right.Span.ToArray());
        Assert.Equal([1, 2, 9, 10], third.Span.ToArray());
        Assert.Equal(2, left.CommonPrefix(right));
        Assert.Equal(2, third.CommonPrefix(right));
    }

    [Fact]
    public void Every_list_keeps_its_uids()
    {
        // Each step adds to or removes from a random list among all so far; the model is a plain list.
        var step = Gen.Select(Gen.Int[0, 1_000], Gen.UInt[1, 5], Gen.Int[0, 9], Gen.UInt[0, 60]);
        step.Array[1, 60].Sample(steps =>
        {
            var lists = new List<(UidList List, uint[] Model)> { (UidList.Empty, []) };
            foreach (var (which, gap, kind, victim) in steps)
            {
                var (list, model) = lists[which % lists.Count];
                if (kind < 2) lists.Add((list.Remove([victim]), [.. model.Where(u => u != victim)]));
                else lists.Add((list.Add(list.Last + gap), [.. model, list.Last + gap]));
            }

            foreach (var (list, model) in lists) Assert.Equal(model, list.Span.ToArray());
        });
    }

    [Fact]
    public void Removing_keeps_the_other_uids_and_the_old_list() => Ascending.Select(Ascending).Sample((uids, removed) =>
    {
        var list = UidList.TakeOwnership([.. uids]);
        var rest = list.Remove(removed);
        Assert.Equal(uids.Except(removed), rest.Span.ToArray());
        Assert.Equal(uids, list.Span.ToArray());
        if (rest.Last < uint.MaxValue) Assert.Equal(rest.Last + 1, rest.Add(rest.Last + 1).Last);
    });

    [Fact]
    public void Removing_nothing_keeps_the_list()
    {
        var list = UidList.TakeOwnership([1, 3]);
        Assert.Same(list, list.Remove([]));
        Assert.Same(list, list.Remove([2, 4]));
    }

    [Fact]
    public void Position_is_found_by_uid() => Ascending.Select(Gen.UInt[0, 62]).Sample((uids, uid) =>
    {
        var list = UidList.TakeOwnership(uids);
        Assert.Equal(Array.IndexOf(uids, uid) >= 0, list.Contains(uid));
        var index = list.IndexOf(uid);
        if (index >= 0) Assert.Equal(uid, list[index]);
        else Assert.Equal(uids.Count(u => u < uid), ~index);
    });

    [Fact]
    public void The_common_prefix_is_the_longest_shared_start() => Ascending.Select(Ascending).Sample((left, right) =>
        Assert.Equal(left.Zip(right).TakeWhile(p => p.First == p.Second).Count(), UidList.TakeOwnership(left).CommonPrefix(UidList.TakeOwnership(right))));

    [Fact]
    public async Task Readers_see_consistent_lists_while_the_owner_adds()
    {
        var newest = UidList.Empty;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var seen = 0;
            while (!stop.IsCancellationRequested)
            {
                var list = Volatile.Read(ref newest);
                Assert.True(list.Count >= seen, "the newest list is never shorter");
                for (var i = seen; i < list.Count; i++) Assert.Equal((uint)i + 1, list[i]);
                seen = list.Count;
            }

            return seen;
        })).ToArray();

        for (var uid = 1u; uid <= 100_000; uid++) Volatile.Write(ref newest, newest.Add(uid));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(100_000, newest.Count);
    }

    [Fact]
    public void A_hundred_thousand_additions_copy_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var list = UidList.Empty;
        for (var uid = 1u; uid <= 100_000; uid++) list = list.Add(uid);
        // 32 octets per list and the outgrown arrays; copying on each addition would take 20 GB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024 * 1024);
    }

    [Fact]
    public void Index_outside_the_list_is_refused() =>
        Assert.Throws<IndexOutOfRangeException>(() => UidList.Empty.Add(1)[1]);
}
