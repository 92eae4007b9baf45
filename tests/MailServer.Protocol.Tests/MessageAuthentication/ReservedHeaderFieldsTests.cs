using System.Text;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class ReservedHeaderFieldsTests
{
    private static readonly HashSet<string> Ours = ["mx.test", "xn--mx-yka.test"];

    [Theory]
    [MemberData(nameof(ReservedFieldSpellings.Forged), MemberType = typeof(ReservedFieldSpellings))]
    public void Every_spelling_of_a_field_in_the_name_of_this_server_is_removed(string field)
    {
        var header = Encoding.UTF8.GetBytes("Received: x\r\n" + field + "Subject: y\r\n\r\n");
        Assert.Equal("Received: x\r\nSubject: y\r\n\r\n", Encoding.UTF8.GetString(ReservedHeaderFields.Remove(header, Ours)!));
    }

    [Theory]
    [MemberData(nameof(ReservedFieldSpellings.Foreign), MemberType = typeof(ReservedFieldSpellings))]
    public void Fields_of_other_servers_are_unchanged(string field) =>
        Assert.Null(ReservedHeaderFields.Remove(Encoding.UTF8.GetBytes("Received: x\r\n" + field + "Subject: y\r\n\r\n"), Ours));

    [Fact]
    public void All_matching_fields_are_removed_and_the_lines_between_are_unchanged()
    {
        var header = string.Concat(ReservedFieldSpellings.AllForged.Select(static (field, i) => $"X-{i}:  a\r\n\tb\r\n{field}"));
        var clean = Encoding.UTF8.GetString(ReservedHeaderFields.Remove(Encoding.UTF8.GetBytes(header + "no field\r\n\r\nbody"), Ours)!);
        Assert.Equal(string.Concat(Enumerable.Range(0, ReservedFieldSpellings.AllForged.Count).Select(static i => $"X-{i}:  a\r\n\tb\r\n")) + "no field\r\n\r\nbody", clean);
    }

    [Fact]
    public void Each_server_named_in_a_header_is_listed_once() =>
        Assert.Equal(["mx.test", "b.test"], ReservedHeaderFields.FindAuthservIds("Authentication-Results: MX.test; none\r\nAuthentication-Results: mx.test.; none\r\nAuthentication-Results: b.test\r\n"u8));

    [Fact]
    public void The_results_of_one_server_are_parsed_by_method()
    {
        var header = "Authentication-Results: other.test; spf=fail\r\nAuthentication-Results: mx.test 1; spf=pass;\r\n\tdkim=none\r\n"u8;
        Assert.Equal(["spf=pass", "dkim=none"], AuthenticationResultsReader.Read(header, "MX.test"));
    }
}
