using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sasl;
using static MailServer.Protocol.Tests.Sasl.SaslExchange;

namespace MailServer.Protocol.Tests.Sasl;

public sealed class ScramSha256Tests
{
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string WithoutProof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string Proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    [Fact]
    public void The_exchange_of_RFC_7677_section_3_succeeds()
    {
        var scram = Mechanism("SCRAM-SHA-256", ServerNonce);
        Assert.Equal("user", Asked<AuthenticationRequest.FindScramKeys>(scram.Start(Bytes(ClientFirst))).Login);
        Assert.Equal(ServerFirst, Text(scram.Answer(new AuthenticationReply.ScramKeysFound(Keys("pencil"), User))));
        Assert.True(Asked<AuthenticationRequest.ReportScramResult>(scram.Next(Bytes($"{WithoutProof},p={Proof}"))).Succeeded);
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Text(scram.Answer(new AuthenticationReply.Accepted(User))));
        Assert.Equal(new SaslStep.Succeeded(User), scram.Next(ReadOnlyMemory<byte>.Empty));
    }

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")]
    public void A_changed_nonce_or_binding_fails_and_is_reported(string final) => AssertFails($"{final},p={Proof}", "pencil", User);

    [Fact]
    public void A_wrong_password_fails_and_is_reported() => AssertFails($"{WithoutProof},p={Proof}", "pen", User);

    [Fact]
    public void An_unknown_login_fails_at_the_end_even_with_a_right_proof() => AssertFails($"{WithoutProof},p={Proof}", "pencil", account: null);

    [Fact]
    public void Channel_binding_is_refused() =>
        Assert.Equal(new SaslStep.Failed(false), Mechanism("SCRAM-SHA-256").Start(Bytes("p=tls-exporter,,n=user,r=abc")));

    [Theory]
    [InlineData("y,,n=user,r=abc", "user")]
    [InlineData("n,a=user,n=user,r=abc", "user")]
    [InlineData("n,,n=a=2Cb=3Dc,r=abc", "a,b=c")]
    [InlineData("n,,n=us\u00AAr,r=abc", "usar")]
    public void Client_first_messages_are_parsed(string message, string login) =>
        Assert.Equal(login, Asked<AuthenticationRequest.FindScramKeys>(Mechanism("SCRAM-SHA-256").Start(Bytes(message))).Login);

    [Theory]
    [InlineData("")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,m=x,n=user,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("x,,n=user,r=abc")]
    public void Malformed_first_messages_are_reported_as_such(string message) =>
        Assert.Equal(new SaslStep.Malformed(), Mechanism("SCRAM-SHA-256").Start(Bytes(message)));

    [Theory]
    [InlineData("")]
    [InlineData(WithoutProof)]
    [InlineData("r=x,c=biws,p=" + Proof)]
    [InlineData(WithoutProof + ",p=AAAA")]
    [InlineData(WithoutProof + ",p=" + Proof + "AAAA")]
    public void Malformed_final_messages_are_reported_as_such(string message)
    {
        var scram = Mechanism("SCRAM-SHA-256", ServerNonce);
        scram.Start(Bytes(ClientFirst));
        scram.Answer(new AuthenticationReply.ScramKeysFound(Keys("pencil"), User));
        Assert.Equal(new SaslStep.Malformed(), scram.Next(Bytes(message)));
    }

    private static void AssertFails(string final, string password, Account? account)
    {
        var scram = Mechanism("SCRAM-SHA-256", ServerNonce);
        scram.Start(Bytes(ClientFirst));
        scram.Answer(new AuthenticationReply.ScramKeysFound(Keys(password), account));
        Assert.False(Asked<AuthenticationRequest.ReportScramResult>(scram.Next(Bytes(final))).Succeeded);
        Assert.Equal(new SaslStep.Failed(false), scram.Answer(new AuthenticationReply.Accepted(User)));
    }

    internal static ScramKeys Keys(string password)
    {
        var salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, 4096, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return new ScramKeys(salt, 4096, storedKey, HMACSHA256.HashData(salted, "Server Key"u8));
    }
}
