using CsCheck;
using MailServer.Domain.Messages;

namespace MailServer.Domain.Tests.Messages;

public sealed class SpoolIdTests
{
    [Fact]
    public void Name_has_the_form_of_a_maildir_file()
    {
        var now = new DateTimeOffset(2026, 11, 23, 15, 0, 1, TimeSpan.FromHours(2)).AddTicks(1_234_567);
        Assert.Equal("1795438801.M123456P42Q7.mail", SpoolId.New(now, 42, 7, "mail").Value);
    }

    [Fact]
    public void Microseconds_have_six_digits() =>
        Assert.Equal("0.M000001P1Q1.n", SpoolId.New(DateTimeOffset.UnixEpoch.AddTicks(19), 1, 1, "n").ToString());

    [Fact]
    public void Ids_of_one_process_differ_at_the_same_moment() => Gen.Long[0, long.MaxValue].Select(Gen.Long[0, long.MaxValue]).Sample((a, b) =>
        Assert.Equal(a == b, SpoolId.New(DateTimeOffset.UnixEpoch, 1, a, "n") == SpoolId.New(DateTimeOffset.UnixEpoch, 1, b, "n")));
}
