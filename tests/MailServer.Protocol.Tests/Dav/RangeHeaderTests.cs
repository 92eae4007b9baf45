using MailServer.Protocol.Dav.Headers;

namespace MailServer.Protocol.Tests.Dav;

public sealed class RangeHeaderTests
{
    [Theory]
    [InlineData("bytes=0-3", "bytes 0-3/10")]
    [InlineData("bytes=4-", "bytes 4-9/10")]
    [InlineData("bytes=-3", "bytes 7-9/10")]
    [InlineData("bytes=-30", "bytes 0-9/10")]
    [InlineData("bytes=8-100", "bytes 8-9/10")]
    [InlineData("bytes=10-", "bytes */10")]
    [InlineData("bytes=-0", "bytes */10")]
    public void A_single_range_of_octets_is_supported(string header, string expected)
    {
        Assert.True(RangeHeader.TryParse(header, 10, out var range));
        Assert.Equal(expected, RangeHeader.Describe(range, 10));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("lines=0-3")]
    [InlineData("bytes=3-1")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=x-")]
    [InlineData("bytes=-")]
    [InlineData("bytes=99999999999999999999-")]
    public void Any_other_range_returns_the_whole_content(string? header) => Assert.False(RangeHeader.TryParse(header, 10, out _));
}
