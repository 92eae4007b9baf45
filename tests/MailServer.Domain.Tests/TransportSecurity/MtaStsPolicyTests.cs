using CsCheck;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Tests.TransportSecurity;

public sealed class MtaStsPolicyTests
{
    private const string Example = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData(" \t\r\n")]
    public void The_policy_of_the_RFC_is_read_with_any_end_of_line(string end)
    {
        var policy = Read(Example.Replace("\n", end, StringComparison.Ordinal));
        Assert.Equal(MtaStsMode.Enforce, policy.Mode);
        Assert.Equal(["mail.example.com", "*.example.net", "backupmx.example.com"], policy.MxPatterns);
        Assert.Equal(TimeSpan.FromDays(7), policy.MaxAge);
    }

    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("MAIL.Example.com.", true)]
    [InlineData("www.example.com", false)]
    [InlineData("a.example.net", true)]
    [InlineData("a.b.example.net", false)]
    [InlineData("example.net", false)]
    [InlineData("xexample.net", false)]
    [InlineData("", false)]
    [InlineData("not a name", false)]
    public void A_host_is_allowed_by_name_or_by_one_label_in_the_place_of_the_star(string host, bool allowed) =>
        Assert.Equal(allowed, Read(Example).Allows(host));

    [Theory]
    [InlineData("mx: m\u00e4il.example", "xn--mil-qla.example")]
    [InlineData("mx: xn--mil-qla.example", "m\u00e4il.example")]
    [InlineData("mx: *.m\u00e4il.example", "mx1.xn--mil-qla.example")]
    public void A_name_in_another_script_is_the_same_in_both_forms(string line, string host) =>
        Assert.True(Read($"version: STSv1\nmode: enforce\n{line}\nmax_age: 1\n").Allows(host));

    [Theory]
    [InlineData("")]
    [InlineData("mode: enforce\nmx: a.example\nmax_age: 1\n")]
    [InlineData("version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: maybe\nmx: a.example\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmx: a.example\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: soon\n")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: testing\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n")]
    [InlineData("version: STSv1\nmode: enforce\nmx: [192.0.2.1]\nmax_age: 1\n")]
    [InlineData("<html><body>404</body></html>")]
    public void What_lacks_a_part_or_is_something_else_is_no_policy(string text)
    {
        Assert.False(MtaStsPolicy.TryParse(text, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Unknown_keys_are_skipped_of_repeated_ones_the_first_counts_and_an_age_has_an_end()
    {
        var policy = Read("version: STSv1\nmode: none\nmode: enforce\nfuture: a: b\nmax_age: 99999999999\nmax_age: 1\n");
        Assert.Equal(MtaStsMode.None, policy.Mode);
        Assert.Equal(TimeSpan.FromSeconds(31_557_600), policy.MaxAge);
    }

    [Fact]
    public void What_is_written_is_read_as_the_same_and_another_policy_has_another_id()
    {
        var ours = MtaStsPolicy.ForHost("mail.example.org", MtaStsMode.Testing);
        var read = Read(ours.Write());
        Assert.Equal((ours.Mode, ours.MaxAge, ours.Id), (read.Mode, read.MaxAge, read.Id));
        Assert.Equal(["version: STSv1", "mode: testing", "mx: mail.example.org", "max_age: 604800"], ours.Lines);
        Assert.NotEqual(ours.Id, (ours with { Mode = MtaStsMode.Enforce }).Id);
        Assert.Equal(ours.Id, MtaStsRecord.IdOf([MtaStsRecord.Write(ours.Id)], out _));
    }

    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=1", "1")]
    [InlineData("v=STSv1; a=b; id=x2; c=d", "x2")]
    [InlineData("v=STSv1; id=;", null)]
    [InlineData("v=STSv1;", null)]
    [InlineData("v=STSv1; id=a-b", null)]
    [InlineData("v=STSv1; id=123456789012345678901234567890123", null)]
    [InlineData("v=STSv10; id=1", null)]
    [InlineData("id=1; v=STSv1", null)]
    [InlineData("v=spf1 -all", null)]
    public void The_id_stands_in_the_record(string text, string? id) => Assert.Equal(id, MtaStsRecord.IdOf([text], out _));

    [Fact]
    public void Of_several_records_none_counts_and_other_texts_do_not_disturb()
    {
        Assert.Null(MtaStsRecord.IdOf(["v=STSv1; id=1", "v=STSv1; id=2"], out var fault));
        Assert.NotNull(fault);
        Assert.Equal("1", MtaStsRecord.IdOf(["hello", "v=STSv1; id=1"], out _));
    }

    [Fact]
    public void No_text_whatever_makes_the_reader_throw() => Gen.String[0, 200].Sample(text =>
    {
        _ = MtaStsPolicy.TryParse(text, out _, out _);
        _ = MtaStsPolicy.TryParse($"version: STSv1\nmode: enforce\nmx: {text}\nmax_age: 1\n", out var policy, out _);
        policy?.Allows(text);
        MtaStsRecord.IdOf(["v=STSv1;" + text], out _);
    });

    private static MtaStsPolicy Read(string text) =>
        MtaStsPolicy.TryParse(text, out var policy, out var fault) ? policy : throw new Xunit.Sdk.XunitException(fault);
}
