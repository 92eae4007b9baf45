using MailServer.Domain.Formatting;

namespace MailServer.Domain.Tests.Formatting;

public sealed class FormattingTests
{
    [Theory]
    [InlineData(0, "0 messages", "0 aliases")]
    [InlineData(1, "1 message", "1 alias")]
    [InlineData(2, "2 messages", "2 aliases")]
    [InlineData(1_001, "1001 messages", "1001 aliases")]
    [InlineData(-1, "-1 message", "-1 alias")]
    public void A_count_has_its_noun_in_the_right_number(long count, string messages, string aliases) =>
        Assert.Equal((messages, aliases), (Quantity.Of(count, "message"), Quantity.Of(count, "alias", "aliases")));

    [Fact]
    public void A_time_is_text_in_ISO_8601_and_UTC_whatever_its_offset_and_kind()
    {
        var time = new DateTimeOffset(2026, 11, 29, 1, 25, 33, 42, TimeSpan.FromHours(2));
        Assert.Equal("2026-11-28T23:25:33Z", UtcText.Of(time));
        Assert.Equal("2026-11-28T23:25:33.042Z", UtcText.WithMilliseconds(time));
        foreach (var each in new[] { time.UtcDateTime, time.LocalDateTime, DateTime.SpecifyKind(time.UtcDateTime, DateTimeKind.Unspecified) }) Assert.Equal("2026-11-28T23:25:33Z", UtcText.Of(each));
    }
}
