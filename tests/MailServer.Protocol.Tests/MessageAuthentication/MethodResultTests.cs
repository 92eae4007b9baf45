using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class MethodResultTests
{
    [Fact]
    public void Method_results_of_other_servers_are_parsed()
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
    public void Invalid_results_are_ignored(string value) => Assert.DoesNotContain(MethodResult.Parse(value), r => r is { Method: "dmarc", Result: "pass" } && r.Properties.Count > 0);

    [Fact]
    public void Comments_and_quoted_strings_hide_only_their_own_content()
    {
        var results = MethodResult.Parse("mx.example; spf=fail (a \\) dmarc=pass header.from=bank.example;) smtp.mailfrom=\"x; dmarc=pass header.from=bank.example\"");
        Assert.Equal("spf", Assert.Single(results).Method);
    }

    [Fact]
    public void Random_octets_never_throw_and_take_bounded_time()
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
