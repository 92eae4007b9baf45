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

    [Fact]
    public void A_derived_id_is_the_same_whenever_it_is_made_and_keeps_its_node()
    {
        var id = SpoolId.New(DateTimeOffset.UnixEpoch, 1, 2, "mail-1.example.org");
        Assert.Equal("0.M000000P1Q2-A7N0.mail-1.example.org", id.Derive("A7N0").Value);
        Assert.Equal(id.Derive("A7N0"), id.ForAttempt(3, "other").Derive("A7N0"));
        Assert.NotEqual(id.Derive("A7N0"), id.Derive("A7N1"));
        Assert.True(id.Derive("A7N0").IsDerived);
        Assert.False(id.IsDerived);
        Assert.Equal(id.Derive("A7N0").Value, id.Derive("A7N0").ForAttempt(1, "n").Base);
    }

    [Fact]
    public void A_message_that_follows_from_others_again_and_again_keeps_a_short_name_of_its_own()
    {
        var seen = new HashSet<SpoolId>();
        var id = SpoolId.New(DateTimeOffset.UnixEpoch, 1, 2, "mail");
        for (var i = 0; i < 200; i++)
        {
            id = id.Derive("A123456789N0");
            Assert.True(seen.Add(id));
            Assert.InRange(id.Value.Length, 1, 130);
            Assert.True(SpoolId.TryParse(id.Value, out _) && id.IsDerived && id.Value.EndsWith(".mail", StringComparison.Ordinal));
        }
    }
}
