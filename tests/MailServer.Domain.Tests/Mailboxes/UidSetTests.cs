using CsCheck;
using MailServer.Domain.Mailboxes;

namespace MailServer.Domain.Tests.Mailboxes;

public sealed class UidSetTests
{
    private static readonly Gen<(uint First, uint Last)[]> Ranges = Gen.Select(Gen.UInt[1, 40], Gen.UInt[1, 40]).Array[0, 8];
    private static readonly Gen<uint[]> Uids = Gen.UInt[1, 40].HashSet[0, 30].Select(s => s.Order().ToArray());

    [Fact]
    public void Ranges_in_any_order_become_ascending_and_disjoint() => Ranges.Sample(ranges =>
    {
        var set = UidSet.Of(ranges);
        for (var i = 0; i < set.Ranges.Count; i++)
        {
            Assert.True(set.Ranges[i].First <= set.Ranges[i].Last);
            if (i > 0) Assert.True(set.Ranges[i].First > set.Ranges[i - 1].Last + 1);
        }

        var members = ranges.SelectMany(r => Span(Math.Min(r.First, r.Last), Math.Max(r.First, r.Last))).ToHashSet();
        for (var uid = 0u; uid <= 42; uid++) Assert.Equal(members.Contains(uid), set.Contains(uid));
    });

    [Fact]
    public void In_returns_the_uids_of_a_list_that_the_set_contains() => Ranges.Select(Uids).Sample((ranges, uids) =>
    {
        var set = UidSet.Of(ranges);
        Assert.Equal(uids.Where(set.Contains), set.Intersect(UidList.TakeOwnership(uids)));
    });

    [Fact]
    public void A_set_made_of_uids_contains_exactly_these() => Uids.Sample(uids =>
    {
        var set = UidSet.OfUids(uids);
        Assert.Equal(uids, set.Ranges.SelectMany(r => Span(r.First, r.Last)));
        Assert.Equal(uids.Length == 0, set.IsEmpty);
        Assert.Equal(set.ToString(), UidSet.Of(uids.Select(u => (u, u))).ToString());
    });

    [Theory]
    [InlineData("", new uint[0])]
    [InlineData("7", new uint[] { 7 })]
    [InlineData("1:3,7", new uint[] { 1, 2, 3, 7 })]
    [InlineData("4294967294:4294967295", new uint[] { 4294967294, 4294967295 })]
    public void The_wire_format_uses_ranges(string text, uint[] uids) => Assert.Equal(text, UidSet.OfUids(uids).ToString());

    [Fact]
    public void The_highest_uid_needs_no_special_case()
    {
        var set = UidSet.Of((uint.MaxValue, uint.MaxValue), (1u, uint.MaxValue - 1));
        Assert.Equal("1:4294967295", set.ToString());
        Assert.True(set.Contains(uint.MaxValue));
        Assert.Equal([5, uint.MaxValue], UidSet.All.Intersect(UidList.TakeOwnership([5, uint.MaxValue])));
    }

    [Fact]
    public void Wide_range_costs_no_more_than_the_list() =>
        Assert.Equal([3u, 9u], UidSet.Of((1u, 5u), (7u, uint.MaxValue)).Intersect(UidList.TakeOwnership([3, 6, 9])));

    [Fact]
    public void Intersection_and_difference_are_those_of_the_members() => Gen.UInt[1, 30].Array[0, 20].Select(Gen.UInt[1, 30].Array[0, 20]).Sample((left, right) =>
    {
        var (one, other) = (UidSet.Of(left.Select(u => (u, u))), UidSet.Of(right.Select(u => (u, u))));
        Assert.Equal(left.Intersect(right).Order(), one.Intersect(other).Ranges.SelectMany(r => Span(r.First, r.Last)));
        Assert.Equal(left.Except(right).Order(), one.Except(UidList.TakeOwnership([.. right.Distinct().Order()])).Ranges.SelectMany(r => Span(r.First, r.Last)));
    });

    [Fact]
    public void The_highest_uid_can_be_taken_away()
    {
        Assert.Equal("1:4,6:4294967294", UidSet.All.Except(UidList.TakeOwnership([5, uint.MaxValue])).ToString());
        Assert.Equal("7:9", UidSet.All.Intersect(UidSet.Of((7u, 9u))).ToString());
        Assert.True(UidSet.Of((3u, 3u)).Except(UidList.TakeOwnership([3])).IsEmpty);
    }

    [Fact]
    public void The_uids_taken_from_a_list_are_a_copy()
    {
        var list = UidList.TakeOwnership([1, 2]);
        UidSet.All.Intersect(list)[0] = 9;
        Assert.Equal([1, 2], list.Span.ToArray());
    }

    private static IEnumerable<uint> Span(uint first, uint last)
    {
        for (ulong uid = first; uid <= last; uid++) yield return (uint)uid;
    }
}
