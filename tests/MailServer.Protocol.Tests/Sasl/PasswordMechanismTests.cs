using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sasl;
using static MailServer.Protocol.Tests.Sasl.SaslExchange;

namespace MailServer.Protocol.Tests.Sasl;

public sealed class PasswordMechanismTests
{
    [Fact]
    public void Plain_with_initial_response_asks_for_the_password_check()
    {
        var plain = Mechanism("plain");
        var request = Asked<AuthenticationRequest.CheckPassword>(plain.Start(Bytes("\0user@example.org\0secret")));
        Assert.Equal(("user@example.org", null, "secret"), (request.Login, request.AuthorizeAs, request.Password));
        Assert.Equal(new SaslStep.Succeeded(User), plain.Answer(new AuthenticationReply.Accepted(User)));
    }

    [Fact]
    public void Plain_without_initial_response_gets_an_empty_challenge()
    {
        var plain = Mechanism("PLAIN");
        Assert.Equal(string.Empty, Text(plain.Start(null)));
        Asked<AuthenticationRequest.CheckPassword>(plain.Next(Bytes("User@example.org\0user@example.org\0secret")));
        Assert.Equal(new SaslStep.Failed(false), plain.Answer(new AuthenticationReply.Rejected()));
    }

    [Fact]
    public void PLAIN_refuses_an_authorization_identity_of_another_account() =>
        Assert.Equal(new SaslStep.Failed(false), Mechanism("PLAIN").Start(Bytes("other@example.org\0user@example.org\0secret")));

    [Theory]
    [InlineData("")]
    [InlineData("user")]
    [InlineData("\0user")]
    [InlineData("\0\0secret")]
    [InlineData("\0user\0")]
    [InlineData("\0user\0secret\0more")]
    public void Malformed_PLAIN_messages_are_reported_as_such(string message) =>
        Assert.Equal(new SaslStep.Malformed(), Mechanism("PLAIN").Start(Bytes(message)));

    [Fact]
    public void Octets_that_are_not_utf8_are_malformed() =>
        Assert.Equal(new SaslStep.Malformed(), Mechanism("PLAIN").Start(new byte[] { 0, 0xFF, 0, (byte)'x' }));

    [Fact]
    public void Long_credentials_are_malformed() =>
        Assert.Equal(new SaslStep.Malformed(), Mechanism("PLAIN").Start(Bytes("\0user\0" + new string('x', 1025))));

    [Fact]
    public void Login_asks_for_name_and_password()
    {
        var login = Mechanism("LOGIN");
        Assert.Equal("Username:", Text(login.Start(null)));
        Assert.Equal("Password:", Text(login.Next(Bytes("user@example.org"))));
        var request = Asked<AuthenticationRequest.CheckPassword>(login.Next(Bytes("secret")));
        Assert.Equal(("user@example.org", "secret"), (request.Login, request.Password));
        Assert.Equal(new SaslStep.Failed(true), login.Answer(new AuthenticationReply.Unavailable()));
    }

    [Fact]
    public void LOGIN_accepts_the_name_as_initial_response()
    {
        var login = Mechanism("LOGIN");
        Assert.Equal("Password:", Text(login.Start(Bytes("user@example.org"))));
        Asked<AuthenticationRequest.CheckPassword>(login.Next(Bytes("secret")));
    }

    [Fact]
    public void Unknown_mechanisms_return_null() => Assert.Null(SaslMechanisms.Create("CRAM-MD5", Limits.Default, null));

    [Fact]
    public void Every_announced_name_can_be_created()
    {
        foreach (var tls in new[] { null, Unbound, Bound })
            Assert.Equal(SaslMechanisms.NamesFor(tls), SaslMechanisms.Names.Where(name => SaslMechanisms.Create(name, Limits.Default, tls) is not null));
        Assert.Equal(SaslMechanisms.Names, SaslMechanisms.NamesFor(Bound));
        Assert.DoesNotContain(SaslMechanisms.NamesFor(Unbound), static name => name.EndsWith("-PLUS", StringComparison.Ordinal));
    }
}
