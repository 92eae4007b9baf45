using MailServer.Domain.Formatting;

namespace MailServer.Domain.Tests.Formatting;

/// <summary>Sizes in powers of 1024.</summary>
public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1, "1 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KB")]
    [InlineData(1536, "1.5 KB")]
    [InlineData(102_400, "100 KB")]
    [InlineData(1024 * 1024 - 1, "1 MB")]
    [InlineData(1024 * 1024, "1 MB")]
    [InlineData(1_000_000, "977 KB")]
    [InlineData(5L * 1024 * 1024 * 1024, "5 GB")]
    [InlineData(1L << 50, "1024 TB")]
    [InlineData(-2048, "-2 KB")]
    public void A_size_is_written_in_its_largest_unit(long octets, string text) => Assert.Equal(text, ByteSize.Of(octets));
}
