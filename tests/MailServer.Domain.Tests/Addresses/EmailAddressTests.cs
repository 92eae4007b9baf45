using CsCheck;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Tests.Addresses;

public sealed class EmailAddressTests
{
    private static readonly Gen<string> Anything = Gen.Char["ab.+\"\\@[] \t\r\n:<>ÄßσςİK\u0085\ud800\u3002-_"].Array[0, 20].Select(c => new string(c));

    [Theory]
    [InlineData("user@example.org", "user", "example.org")]
    [InlineData("User@EXAMPLE.org.", "User", "example.org")]
    [InlineData("a.b+c=d@x", "a.b+c=d", "x")]
    [InlineData("jürgen@müller.example", "jürgen", "xn--mller-kva.example")]
    [InlineData("user@例え。jp", "user", "xn--r8jz45g.jp")]
    [InlineData("\"a b\"@example.org", "a b", "example.org")]
    [InlineData("\"a@b\"@example.org", "a@b", "example.org")]
    [InlineData("\"a\\\"b\\\\c\"@example.org", "a\"b\\c", "example.org")]
    [InlineData("\"plain\"@example.org", "plain", "example.org")]
    [InlineData("user@[192.0.2.1]", "user", "[192.0.2.1]")]
    [InlineData("user@[IPv6:2001:DB8::1]", "user", "[ipv6:2001:db8::1]")]
    [InlineData("user@under_score.example", "user", "under_score.example")]
    public void Address_is_parsed(string text, string local, string domain)
    {
        var address = EmailAddress.Parse(text);
        Assert.Equal((local, domain), (address.Local, address.Domain));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("user")]
    [InlineData("@example.org")]
    [InlineData("user@")]
    [InlineData("user@.")]
    [InlineData("user@example..org")]
    [InlineData("user@example.org..")]
    [InlineData("user@-example.org")]
    [InlineData("user@example-.org")]
    [InlineData("user@exa mple.org")]
    [InlineData("user@[a b]")]
    [InlineData("user@[\0]")]
    [InlineData("user@[a]b]")]
    [InlineData("us er@example.org")]
    [InlineData("us\r\ner@example.org")]
    [InlineData("us\u0085er@example.org")]
    [InlineData("<user@example.org>")]
    [InlineData("\"\"@example.org")]
    [InlineData("\"@example.org")]
    [InlineData("\"a\\\"@example.org")]
    [InlineData("\"a\"b\"@example.org")]
    [InlineData("\"a\r\nb\"@example.org")]
    [InlineData("\"a\"@evil.example,\"b\"@example.org")]
    public void An_invalid_address_is_refused(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Fact]
    public void Local_part_has_at_most_192_octets()
    {
        Assert.True(EmailAddress.TryParse(new string('a', 192) + "@example.org", out _));
        Assert.False(EmailAddress.TryParse(new string('a', 193) + "@example.org", out _));
        Assert.False(EmailAddress.TryParse(new string('ä', 97) + "@example.org", out _));
    }

    [Fact]
    public void Labels_have_at_most_63_octets_and_addresses_254()
    {
        Assert.True(EmailAddress.TryParse($"a@{new string('b', 63)}.org", out _));
        Assert.False(EmailAddress.TryParse($"a@{new string('b', 64)}.org", out _));
        Assert.False(EmailAddress.TryParse("a@" + string.Join('.', Enumerable.Repeat(new string('b', 62), 4)) + ".org", out _));
    }

    [Fact]
    public void Equality_ignores_case_quotes_and_the_form_of_the_domain()
    {
        Assert.Equal(EmailAddress.Parse("user@example.org"), EmailAddress.Parse("\"USER\"@EXAMPLE.org."));
        Assert.Equal(EmailAddress.Parse("a@MÜLLER.example"), EmailAddress.Parse("A@xn--mller-kva.example"));
        Assert.NotEqual(EmailAddress.Parse("user+tag@example.org"), EmailAddress.Parse("user@example.org"));
    }

    [Theory]
    [InlineData("σ", "ς")]
    [InlineData("k", "\u212a")]
    [InlineData("i", "İ")]
    [InlineData("ß", "ẞ")]
    public void Equality_agrees_with_the_key_where_case_mappings_are_asymmetric(string left, string right)
    {
        var (a, b) = (EmailAddress.Parse(left + "@x.org"), EmailAddress.Parse(right + "@x.org"));
        Assert.Equal(a.Key == b.Key, a.Equals(b));
    }

    [Fact]
    public void Equality_hash_code_and_key_agree() => Anything.Select(Anything).Sample((x, y) =>
    {
        if (!EmailAddress.TryParse(x + "@x.org", out var a) || !EmailAddress.TryParse(y + "@x.org", out var b)) return;
        Assert.Equal(a.Key == b.Key, a.Equals(b));
        if (a.Equals(b)) Assert.Equal(a.GetHashCode(), b.GetHashCode());
    });

    [Fact]
    public void Any_text_is_refused_or_round_trips() => Anything.Sample(text =>
    {
        if (!EmailAddress.TryParse(text, out var address)) return;
        var again = EmailAddress.Parse(address.ToString());
        Assert.Equal((address.Local, address.Domain, address.Key), (again.Local, again.Domain, again.Key));
        Assert.DoesNotContain(address.ToString(), c => c is '\r' or '\n' or '\0');
    });

    [Fact]
    public void Every_local_part_can_be_quoted() => Gen.Char[' ', '~'].Array[1, 30].Sample(c =>
    {
        var local = new string(c);
        var quoted = local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var address = EmailAddress.Parse($"\"{quoted}\"@example.org");
        Assert.Equal(local, address.Local);
        Assert.Equal(address, EmailAddress.Parse(address.ToString()));
    });

    [Fact]
    public void Control_characters_noncharacters_and_unpaired_surrogates_are_refused()
    {
        string[] wrong = ["\uFFFE", "\uFFFF", "\uFDD0", "\uFDEF", "\U0001FFFE", "\U0010FFFF", "\ud800", "\udc00", "\udc00\ud800", "\0", "\r", "\n", "\u001b", "\u007f", "\u0085"];
        foreach (var text in wrong)
        {
            Assert.False(EmailAddress.TryParse($"a{text}b@example.org", out _));
            Assert.False(EmailAddress.TryParse($"\"a{text}b\"@example.org", out _));
            Assert.False(EmailAddress.TryParse($"a@a{text}b.org", out _));
        }

        Assert.True(EmailAddress.TryParse("a\uFFFDb\U0001F600@example.org", out _));
    }

    [Theory]
    [InlineData("user+tag@x.org", "tag", "user@x.org")]
    [InlineData("user+a+b@x.org", "a+b", "user@x.org")]
    [InlineData("user+@x.org", "", "user@x.org")]
    [InlineData("+user@x.org", null, "+user@x.org")]
    [InlineData("user@x.org", null, "user@x.org")]
    public void Subaddress_begins_at_the_first_plus(string text, string? tag, string without)
    {
        var address = EmailAddress.Parse(text);
        Assert.Equal(tag, address.Tag);
        Assert.Equal(without, address.WithoutTag().ToString());
    }

    [Theory]
    [InlineData("user@example.org", "user@example.org")]
    [InlineData("\"user\"@example.org", "user@example.org")]
    [InlineData("\"a b\"@example.org", "\"a b\"@example.org")]
    [InlineData("\".a\"@example.org", "\".a\"@example.org")]
    public void Address_is_quoted_where_it_must_be(string text, string written) => Assert.Equal(written, EmailAddress.Parse(text).ToString());

    [Theory]
    [MemberData(nameof(OddDots))]
    public void Odd_dots_are_accepted_and_written_as_they_were_read(string local)
    {
        foreach (var spelling in (string[])[local, $"\"{local}\""])
        {
            var address = EmailAddress.Parse(spelling + "@example.org");
            Assert.Equal((local, spelling + "@example.org"), (address.Local, address.ToString()));
            Assert.Equal(address.ToString(), EmailAddress.Parse(address.ToString()).ToString());
            Assert.Equal(EmailAddress.Parse(local + "@example.org"), address);
        }

        Assert.True(EmailAddress.TryCreate(local, "example.org", out var made));
        Assert.Equal(local + "@example.org", made.ToString());
    }

    public static TheoryData<string> OddDots => [".user", "user.", "us..er", "..user", "user..", ".us.er.", "...", "..us...er..", ".user+tag", "user.+..tag", ".grüße."];

    [Fact]
    public void An_address_without_its_tag_keeps_its_spelling()
    {
        Assert.Equal("user.@example.org", EmailAddress.Parse("user.+tag@example.org").WithoutTag().ToString());
        Assert.Equal("\"user.\"@example.org", EmailAddress.Parse("\"user.+tag\"@example.org").WithoutTag().ToString());
    }

    [Fact]
    public void The_exception_of_Parse_names_the_rejected_text() => Assert.Contains("no-at", Assert.Throws<FormatException>(() => EmailAddress.Parse("no-at")).Message, StringComparison.Ordinal);
}
