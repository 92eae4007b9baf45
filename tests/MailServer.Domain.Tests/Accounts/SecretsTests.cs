using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Tests.Accounts;

public sealed class SecretsTests
{
    private const string Secret = "hunter2";

    [Fact]
    public void The_text_of_a_request_does_not_contain_the_password() =>
        Assert.DoesNotContain(Secret, new AuthenticationRequest.CheckPassword("user@example.org", null, Secret).ToString(), StringComparison.Ordinal);

    [Fact]
    public void The_text_of_credentials_does_not_contain_the_hash()
    {
        var account = new Account(new AccountId(1), EmailAddress.Parse("user@example.org"), Enabled: true, DateTimeOffset.UnixEpoch);
        Assert.DoesNotContain(Secret, new AccountCredentials(account, Secret, null).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_of_a_reply_does_not_contain_the_keys()
    {
        var keys = new ScramKeys(new byte[] { 211, 212 }, 4_096, new byte[] { 213 }, new byte[] { 214 });
        var text = new AuthenticationReply.ScramKeysFound(keys, null).ToString();
        Assert.All(["211", "213", "214", "D3", "D5", "D6"], octet => Assert.DoesNotContain(octet, text, StringComparison.OrdinalIgnoreCase));
    }
}
