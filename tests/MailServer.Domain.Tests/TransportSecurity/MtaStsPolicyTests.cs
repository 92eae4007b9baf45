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
    public void The_policy_of_the_RFC_is_parsed_with_any_line_ending(string end)
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
    public void A_host_matches_by_name_or_by_one_label_for_the_wildcard(string host, bool allowed) =>
        Assert.Equal(allowed, Read(Example).Allows(host));

    [Theory]
    [InlineData("mx: m\u00e4il.example", "xn--mil-qla.example")]
    [InlineData("mx: xn--mil-qla.example", "m\u00e4il.example")]
    [InlineData("mx: *.m\u00e4il.example", "mx1.xn--mil-qla.example")]
    public void Both_forms_of_an_internationalized_name_are_equal(string line, string host) =>
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
    public void Text_that_is_incomplete_or_not_a_policy_is_refused(string text)
    {
        Assert.False(MtaStsPolicy.TryParse(text, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Unknown_keys_are_ignored_the_first_of_repeated_keys_counts_and_max_age_is_capped()
    {
        var policy = Read("version: STSv1\nmode: none\nmode: enforce\nfuture: a: b\nmax_age: 99999999999\nmax_age: 1\n");
        Assert.Equal(MtaStsMode.None, policy.Mode);
        Assert.Equal(TimeSpan.FromSeconds(31_557_600), policy.MaxAge);
    }

    [Fact]
    public void A_policy_round_trips_and_a_changed_policy_has_another_id()
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
    public void The_id_is_parsed_from_the_record(string text, string? id) => Assert.Equal(id, MtaStsRecord.IdOf([text], out _));

    [Fact]
    public void Several_records_count_as_none_and_other_texts_are_ignored()
    {
        Assert.Null(MtaStsRecord.IdOf(["v=STSv1; id=1", "v=STSv1; id=2"], out var fault));
        Assert.NotNull(fault);
        Assert.Equal("1", MtaStsRecord.IdOf(["hello", "v=STSv1; id=1"], out _));
    }

    [Fact]
    public void No_input_makes_the_parser_throw() => Gen.String[0, 200].Sample(text =>
    {
        _ = MtaStsPolicy.TryParse(text, out _, out _);
        _ = MtaStsPolicy.TryParse($"version: STSv1\nmode: enforce\nmx: {text}\nmax_age: 1\n", out var policy, out _);
        policy?.Allows(text);
        MtaStsRecord.IdOf(["v=STSv1;" + text], out _);
    });

    private static MtaStsPolicy Read(string text) =>
        MtaStsPolicy.TryParse(text, out var policy, out var fault) ? policy : throw new Xunit.Sdk.XunitException(fault);
}
