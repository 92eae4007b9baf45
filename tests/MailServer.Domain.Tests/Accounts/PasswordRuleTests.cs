using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Tests.Accounts;

/// <summary>Weak passwords are recognized; the passwords that people and programs really use are not.</summary>
public sealed class PasswordRuleTests
{
    private static readonly EmailAddress Anna = EmailAddress.Parse("annalena@example.org");

    [Theory]
    [InlineData("", "fewer than 8")]
    [InlineData("x7#Kq2!", "fewer than 8")]
    [InlineData("ååååååå", "fewer than 8")]
    [InlineData("👩👩👩👩👩👩👩", "fewer than 8")]
    [InlineData("aaaaaaaaaaaa", "repeats")]
    [InlineData("1212121212", "repeats")]
    [InlineData("password", "common")]
    [InlineData("PassWord", "common")]
    [InlineData("password2026!", "common")]
    [InlineData("Summer2026!!", "common")]
    [InlineData("12345678", "common")]
    [InlineData("qwertyuiop", "common")]
    [InlineData("changeme", "common")]
    [InlineData("passwort1", "common")]
    [InlineData("annalena", "login name")]
    [InlineData("AnnaLena123", "login name")]
    [InlineData("annalena@example.org", "login name")]
    [InlineData("example.org", "login name")]
    [InlineData("example2026", "login name")]
    public void Weak_passwords_are_refused_with_the_reason(string password, string reason) =>
        Assert.Contains(reason, PasswordRule.FindFault(password, Anna), StringComparison.Ordinal);

    [Theory]
    [InlineData("correct horse 9")]
    [InlineData("alice-demo")]
    [InlineData("bench-pass-9")]
    [InlineData("x7#Kq2!p")]
    [InlineData("ein langer Satz mit Wörtern")]
    [InlineData("人人为我我为人人平安")]
    [InlineData("annalena likes tea")]
    public void Other_passwords_are_accepted(string password) => Assert.Null(PasswordRule.FindFault(password, Anna));

    [Fact]
    public void The_list_of_common_passwords_is_shipped() => Assert.InRange(PasswordRule.CommonCount, 9_000, 50_000);
}
