using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class MethodResultTests
{
    [Fact]
    public void Methods_of_other_servers_are_read()
    {
        var results = MethodResult.Parse(
            " mx.google.example;\r\n       dkim=pass header.i=@a.example header.s=s header.b=\"Ab/+=\";\r\n"
            + " SPF/1=Pass (google.example: domain of x@a.example; designates) smtp.mailfrom=\"x y\"@a.example;\r\n dmarc = fail (p=REJECT (nested; too)) header.from = a.example; nonsense");
        Assert.Equal(["dkim pass", "spf pass", "dmarc fail"], results.Select(r => $"{r.Method} {r.Result}"));
        Assert.Equal("@a.example", results[0].Property("header.i"));
        Assert.Equal("Ab/+=", results[0].Property("header.b"));
        Assert.Equal("x y@a.example", results[1].Property("smtp.mailfrom"));
        Assert.Equal("a.example", results[2].Property("header.from"));
        Assert.Null(results[2].Property("header.d"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mx.example")]
    [InlineData("mx.example; none")]
    [InlineData("mx.example (; dmarc=pass")]
    [InlineData("mx.example; \"dmarc=pass")]
    public void What_is_no_result_is_none(string value) => Assert.DoesNotContain(MethodResult.Parse(value), r => r is { Method: "dmarc", Result: "pass" } && r.Properties.Count > 0);

    [Fact]
    public void Comments_and_quotes_hide_nothing_else()
    {
        var results = MethodResult.Parse("mx.example; spf=fail (a \\) dmarc=pass header.from=bank.example;) smtp.mailfrom=\"x; dmarc=pass header.from=bank.example\"");
        Assert.Equal("spf", Assert.Single(results).Method);
    }

    [Fact]
    public void Octets_in_any_order_are_read_without_harm()
    {
        var random = new Random(7);
        const string Alphabet = "a=;()\"\\ \t.@x";
        for (var i = 0; i < 5_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            Assert.All(MethodResult.Parse(text), r => Assert.NotEqual("", r.Method));
        }
    }
}
