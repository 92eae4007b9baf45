using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Domain.Tests.Access;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7/32", "192.0.2.7", true)]
    [InlineData("192.0.2.7/24", "192.0.2.0/24", false)]
    [InlineData("10.255.255.255/8", "10.0.0.0/8", false)]
    [InlineData("2001:db8::1", "2001:db8::/64", true)]
    [InlineData("2001:db8:1:2:3::/48", "2001:db8:1::/48", false)]
    [InlineData("2001:db8::1/128", "2001:db8::1", true)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("::1", "::1", true)]
    public void Addresses_and_networks_are_read_without_the_bits_behind_the_prefix(string text, string described, bool isOne)
    {
        Assert.True(NetworkText.TryParse(text, out var network));
        Assert.Equal(described, NetworkText.Describe(network.Value));
        Assert.Equal(isOne, NetworkText.IsOneClient(network.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f.1.1.1")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.1/16")]
    [InlineData("300.1.1.1")]
    [InlineData("everybody")]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/7")]
    [InlineData("::/0")]
    [InlineData("2001::/15")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/24/24")]
    [InlineData("::ffff:192.0.2.0/24")]
    public void Mistakes_and_networks_that_are_too_wide_are_refused(string text) => Assert.False(NetworkText.TryParse(text, out _));

    [Fact]
    public void Rules_for_networks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected()
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var rule = new NetworkRule(IPNetwork.Parse("192.0.2.0/24"), IsAllowed: false, now, now.AddHours(1), "");
        Assert.True(rule.IsActiveAt(now));
        Assert.False(rule.IsActiveAt(now.AddHours(1)));
        Assert.False((rule with { Since = now.AddYears(10), Until = now.AddYears(10).AddHours(1) }).IsActiveAt(now));
        Assert.True((rule with { Since = now.AddYears(10), Until = DateTimeOffset.MaxValue }).IsActiveAt(now));
    }
}
