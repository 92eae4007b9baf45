using MailServer.Domain.Addresses;

namespace MailServer.Domain.Tests.Addresses;

/// <summary>Internationalised domain names for people.</summary>
public sealed class UnicodeDomainTests
{
    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("xn--bcher-kva.example", "bücher.example")]
    [InlineData("mail.xn--bcher-kva.example", "mail.bücher.example")]
    [InlineData("XN--BCHER-KVA.example", "bücher.example")]
    [InlineData("xn--fsqu00a.xn--0zwm56d", "例子.测试")]
    [InlineData("xn--0.example", "xn--0.example")]
    [InlineData("[127.0.0.1]", "[127.0.0.1]")]
    [InlineData("", "")]
    public void A_labels_become_U_labels(string domain, string text) => Assert.Equal(text, UnicodeDomain.Of(domain));

    [Fact]
    public void The_unicode_form_leads_back_to_the_name()
    {
        foreach (var text in (string[])["bücher.example", "straße.example", "faß.de", "ελλάδα.gr", "пример.рф", "日本.jp", "a.ü.b.ö"])
        {
            Assert.True(EmailAddress.TryNormalizeDomain(text, out var ascii));
            Assert.True(EmailAddress.TryNormalizeDomain(UnicodeDomain.Of(ascii), out var again));
            Assert.Equal(ascii, again);
        }
    }
}
