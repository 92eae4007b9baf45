using MailServer.Domain.Addresses;
using MailServer.Protocol.Smtp.SenderRewriting;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Protocol.Tests.Smtp.SenderRewriting;

public sealed class SenderRewriterTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly SenderRewriter _rewriter;

    public SenderRewriterTests() => _rewriter = new SenderRewriter(Key, _time);

    [Theory]
    [InlineData("ann@far.test")]
    [InlineData("Ann.Other+tag=with=equals@mail.far.test")]
    [InlineData("\"a b\\\"c\"@far.test")]
    [InlineData("0102018d2f5a1c3e-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee-000000@eu.bounces.far.test")]
    [InlineData("=@far.test")]
    [InlineData(".user@far.test")]
    [InlineData("user.@far.test")]
    [InlineData("us..er@far.test")]
    public void Bounces_are_returned_to_the_original_sender(string sender)
    {
        var rewritten = _rewriter.Rewrite(EmailAddress.Parse(sender), "ours.test");
        Assert.NotNull(rewritten);
        Assert.Equal("ours.test", rewritten.Domain);
        Assert.True(SenderRewriter.IsRewritten(rewritten));
        // In its form on the wire.
        Assert.Equal(EmailAddress.Parse(sender).ToString(), _rewriter.Restore(EmailAddress.Parse(rewritten.ToString()))?.ToString());
    }

    [Fact]
    public void Case_changes_in_transit_are_tolerated()
    {
        var rewritten = _rewriter.Rewrite(EmailAddress.Parse("Ann@far.test"), "ours.test")!;
        Assert.Equal(EmailAddress.Parse("ann@far.test"), _rewriter.Restore(EmailAddress.Parse(rewritten.ToString().ToLowerInvariant())));
        Assert.Equal(EmailAddress.Parse("ann@far.test"), _rewriter.Restore(EmailAddress.Parse(rewritten.ToString().ToUpperInvariant())));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1969)]
    [InlineData(9999)]
    public void Addresses_are_restored_in_any_year(int year)
    {
        _time.AdjustTime(new DateTimeOffset(year, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var rewritten = _rewriter.Rewrite(EmailAddress.Parse("ann@far.test"), "ours.test")!;
        Assert.Equal(EmailAddress.Parse("ann@far.test"), _rewriter.Restore(rewritten));
    }

    [Fact]
    public void A_modified_address_is_not_restored()
    {
        var rewritten = _rewriter.Rewrite(EmailAddress.Parse("ann@far.test"), "ours.test")!;
        for (var i = "SRS0=".Length; i < rewritten.Local.Length; i++)
        {
            var changed = rewritten.Local[i] is 'z' or 'Z' ? 'y' : 'z';
            Assert.Null(_rewriter.Restore(EmailAddress.Parse($"{rewritten.Local[..i]}{changed}{rewritten.Local[(i + 1)..]}@ours.test")));
        }

        Assert.Null(new SenderRewriter([.. Key.Reverse()], _time).Restore(rewritten));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(21, true)]
    [InlineData(22, false)]
    [InlineData(500, false)]
    [InlineData(-1, true)]
    public void A_rewritten_address_is_valid_for_three_weeks(int days, bool isGood)
    {
        var rewritten = _rewriter.Rewrite(EmailAddress.Parse("ann@far.test"), "ours.test")!;
        _time.AdjustTime(_time.GetUtcNow().AddDays(days));
        Assert.Equal(isGood, _rewriter.Restore(rewritten) is not null);
    }

    [Fact]
    public void A_second_and_third_forwarder_point_at_the_first()
    {
        var second = new SenderRewriter([.. Key.Reverse()], _time);
        var third = new SenderRewriter([.. Key.Select(k => (byte)(k ^ 1))], _time);
        var sender = EmailAddress.Parse("ann@far.test");
        var one = _rewriter.Rewrite(sender, "one.test")!;
        var two = second.Rewrite(one, "two.test")!;
        var three = third.Rewrite(two, "three.test")!;
        Assert.StartsWith("SRS1=", two.Local, StringComparison.Ordinal);
        Assert.StartsWith("SRS1=", three.Local, StringComparison.Ordinal);
        Assert.Equal(two.Local.Length, three.Local.Length);
        Assert.Equal(one, second.Restore(two));
        Assert.Equal(one, third.Restore(three));
        Assert.Equal(sender, _rewriter.Restore(one));
    }

    [Theory]
    [InlineData("SRS0@ours.test")]
    [InlineData("SRS0=@ours.test")]
    [InlineData("SRS0=AAAAAAAA=AA=far.test@ours.test")]
    [InlineData("SRS0=AAAAAAAA=AA=far.test=ann@ours.test")]
    [InlineData("SRS1=AAAAAAAA=far.test==AAAA=AA=x.test=ann@ours.test")]
    [InlineData("srs@ours.test")]
    [InlineData("ann@ours.test")]
    public void Addresses_that_were_not_rewritten_here_are_not_restored(string address) => Assert.Null(_rewriter.Restore(EmailAddress.Parse(address)));

    [Fact]
    public void A_sender_that_would_become_too_long_is_not_rewritten() =>
        Assert.Null(_rewriter.Rewrite(EmailAddress.Parse(new string('a', 180) + "@" + new string('b', 60) + ".test"), "ours.test"));
}
