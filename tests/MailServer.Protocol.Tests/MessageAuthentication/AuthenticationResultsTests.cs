using System.Net;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class AuthenticationResultsTests
{
    [Fact]
    public void Each_method_has_its_own_line()
    {
        var query = new SpfQuery(IPAddress.Loopback, "h.test", "a@example.test");
        string[] results =
        [
            AuthenticationResultsWriter.Format(new IprevOutcome(IprevResult.Pass, IPAddress.Parse("192.0.2.1"), "h.test")),
            AuthenticationResultsWriter.Format(new SpfOutcome(SpfResult.Pass, "example.test", "mx", null, []), query),
            .. AuthenticationResultsWriter.Format([new DkimOutcome { Result = DkimResult.Pass, Reason = "good", Domain = "example.test", Selector = "s", Algorithm = "rsa-sha256", SignatureStart = "abc+/123", KeyBits = 2048 }]),
            AuthenticationResultsWriter.Format(new DmarcOutcome(DmarcResult.Pass, "example.test", DmarcPolicy.Reject, DmarcPolicy.None, "", [])),
        ];
        Assert.Equal(
            "Authentication-Results: mx.test;\r\n\tiprev=pass (h.test) policy.iprev=192.0.2.1;\r\n\tspf=pass (mx) smtp.mailfrom=a@example.test;\r\n\t" +
            "dkim=pass (2048-bit key) header.d=example.test header.s=s header.a=rsa-sha256 header.b=abc+/123;\r\n\t" +
            "dmarc=pass (p=reject dis=none) header.from=example.test\r\n",
            AuthenticationResultsWriter.FormatField("mx.test", results));
    }

    [Theory]
    [InlineData("a b; spf=pass\r\nX-Evil: yes\" (\\\u0007\u00e9@example.test")]
    [InlineData("\"@example.test")]
    public void Text_from_the_sender_stays_inside_its_quotes(string sender)
    {
        var text = AuthenticationResultsWriter.Format(new SpfOutcome(SpfResult.Fail, "x", sender + ")(", null, []), new SpfQuery(IPAddress.Loopback, sender, sender));
        Assert.DoesNotContain('\r', text);
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain('\u0007', text);
        Assert.All(text, c => Assert.True(char.IsAscii(c)));
        var inQuotes = text[(text.IndexOf("smtp.mailfrom=\"", StringComparison.Ordinal) + 15)..^1];
        Assert.DoesNotContain('"', inQuotes.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\\"", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reverse_name_is_valid_if_it_resolves_back()
    {
        var zone = new ZoneLookup().Add("1.2.0.192.in-addr.arpa", "PTR", "h.test").Add("h.test", "A", IPAddress.Parse("192.0.2.1"))
            .Add("2.2.0.192.in-addr.arpa", "PTR", "h.test").Fail("3.2.0.192.in-addr.arpa");
        var check = new IprevEvaluator(zone);
        Assert.Equal((IprevResult.Pass, "h.test"), await Of("192.0.2.1"));
        Assert.Equal((IprevResult.Pass, "h.test"), await Of("::ffff:192.0.2.1"));
        Assert.Equal((IprevResult.Fail, null), await Of("192.0.2.2"));
        Assert.Equal((IprevResult.TempError, null), await Of("192.0.2.3"));
        Assert.Equal((IprevResult.PermError, null), await Of("192.0.2.4"));

        async Task<(IprevResult, string?)> Of(string address)
        {
            var outcome = await check.EvaluateAsync(IPAddress.Parse(address), CancellationToken.None);
            return (outcome.Result, outcome.Name);
        }
    }
}
