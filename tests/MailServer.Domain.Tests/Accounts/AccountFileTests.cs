using MailServer.Domain.Accounts;

namespace MailServer.Domain.Tests.Accounts;

public sealed class AccountFileTests
{
    [Fact]
    public void Columns_quotes_separators_comments_and_line_ends_are_understood()
    {
        var lines = AccountFile.Read("\uFEFFquota;address;password\r\n5G;ann@example.org;\"a \"\"b\"\"; c\"\r\n\r\n# nobody;x\r\nnone; ben@example.org ;\r\n");
        Assert.Equal(
            [(2, "ann@example.org", "a \"b\"; c", 5L << 30), (5, "ben@example.org", "", 0L)],
            lines.Select(static l => (l.Number, l.Address!.ToString(), l.Password, l.Quota!.Value)));
        Assert.All(lines, static l => Assert.Null(l.Fault));
    }

    [Fact]
    public void Without_a_line_of_names_the_columns_are_address_password_quota()
    {
        var line = Assert.Single(AccountFile.Read("ann@example.org,a pass,phrase with more cells\n"));
        Assert.Equal("'phrase with more cells' is not a valid size (500M, 5G, none)", line.Fault);
        Assert.Null(Assert.Single(AccountFile.Read("ann@example.org")).Fault);
        Assert.Null(Assert.Single(AccountFile.Read("ann@example.org")).Quota);
    }

    [Theory]
    [InlineData("ann@example.org, \"quoted horse\" \n", "quoted horse")]
    [InlineData("ann@example.org,\"semi;colon\"\n", "semi;colon")]
    [InlineData("ann@example.org;\"com,ma\"\r", "com,ma")]
    [InlineData("ann@example.org,\"a\u0085b\u2028c\fd\"\n", "a\u0085b\u2028c\fd")]
    public void A_password_is_what_stands_between_the_quotes(string text, string password)
    {
        var line = Assert.Single(AccountFile.Read(text));
        Assert.Equal((password, null), (line.Password, line.Fault));
    }

    [Theory]
    [InlineData("address,name\nann@example.org,Ann", 1, "there is no column 'name'; the columns are address, password, quota")]
    [InlineData("ann@example.org\nann\n", 2, "'ann' is not an email address")]
    [InlineData("ann@example.org\nANN@example.org\n", 2, "the address is in line 1 already")]
    [InlineData("ann@example.org,\"x\n", 1, "its quotes are not right: a quoted cell begins and ends with one")]
    [InlineData("ann@example.org,\"x\"y\n", 1, "its quotes are not right: a quoted cell begins and ends with one")]
    [InlineData("address,address\nann@example.org,ben@example.org", 1, "a column is named twice")]
    [InlineData("ann@example.org,x,1G,y\n", 1, "the line has more cells than columns; the columns are address, password, quota")]
    public void A_line_that_cannot_be_used_says_why(string text, int number, string fault)
    {
        var faulty = Assert.Single(AccountFile.Read(text), static l => l.Fault is not null);
        Assert.Equal((number, fault), (faulty.Number, faulty.Fault));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("address,password\n")]
    [InlineData("# comment\n")]
    public void A_file_without_accounts_has_no_lines(string text) => Assert.Empty(AccountFile.Read(text));

    [Fact]
    public void Generated_passwords_differ_are_accepted_and_are_no_app_passwords()
    {
        var all = Enumerable.Range(0, 1_000).Select(static _ => GeneratedPassword.New()).ToList();
        Assert.Equal(1_000, all.Distinct().Count());
        Assert.All(all, static p => Assert.Matches("^([a-z2-9]{5}-){3}[a-z2-9]{5}$", p));
        Assert.All(all, static p => Assert.Null(PasswordRule.FindFault(p, MailServer.Domain.Addresses.EmailAddress.Parse("ann@example.org"))));
        Assert.All(all, static p => Assert.Null(MailServer.Domain.Access.AppPasswordSecret.DigestOf(p)));
    }

    [Fact]
    public void Only_the_text_of_an_invitation_has_a_digest()
    {
        var secret = InvitationSecret.New();
        Assert.Equal(32, InvitationSecret.DigestOf(secret)!.Length);
        Assert.Equal(InvitationSecret.DigestOf(secret), InvitationSecret.DigestOf(secret));

        // The last letter of a secret decides whether a text without the first one is valid base64url, so each is tried.
        foreach (var last in "AEIMQUYcgkosw048")
        {
            var text = secret[..^1] + last;
            foreach (var other in new[] { "", "x", text + "x", text[1..], text[1..] + " ", " " + text[1..], text[1..] + "\n", text[1..] + "=", text[1..] + "é", text[1..] + "+" }) Assert.Null(InvitationSecret.DigestOf(other));
        }
    }
}
