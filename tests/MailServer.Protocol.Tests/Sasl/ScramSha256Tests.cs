using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Sessions;
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

    [Theory]
    [InlineData("p=tls-exporter,,n=user,r=abc", false)]
    [InlineData("p=tls-exporter,,n=user,r=abc", true)]
    [InlineData("y,,n=user,r=abc", true)]
    public void Channel_binding_is_refused_where_it_is_not_offered_and_its_absence_where_it_is(string message, bool isOffered) =>
        Assert.Equal(new SaslStep.Failed(false), Mechanism("SCRAM-SHA-256", tls: isOffered ? Bound : Unbound).Start(Bytes(message)));

    [Theory]
    [InlineData("n,,n=user,r=abc")]
    [InlineData("y,,n=user,r=abc")]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("p=TLS-EXPORTER,,n=user,r=abc")]
    public void The_mechanism_that_binds_wants_a_binding_of_the_connection(string message) =>
        Assert.Equal(new SaslStep.Failed(false), Mechanism("SCRAM-SHA-256-PLUS", tls: Bound).Start(Bytes(message)));

    [Fact]
    public void A_binding_that_the_connection_does_not_have_is_refused()
    {
        var tls = With(new TlsBindings(null, Bytes("end point")));
        Assert.Equal(new SaslStep.Failed(false), Mechanism("SCRAM-SHA-256-PLUS", tls: tls).Start(Bytes("p=tls-exporter,,n=user,r=abc")));
        Asked<AuthenticationRequest.FindScramKeys>(Mechanism("SCRAM-SHA-256-PLUS", tls: tls).Start(Bytes("p=tls-server-end-point,,n=user,r=abc")));
    }

    [Theory]
    [InlineData("tls-exporter", "exporter", true)]
    [InlineData("tls-server-end-point", "end point", true)]
    [InlineData("tls-exporter", "end point", false)]
    [InlineData("tls-server-end-point", "exporter", false)]
    [InlineData("tls-exporter", "", false)]
    public void A_sign_in_is_bound_to_the_connection(string name, string value, bool succeeds)
    {
        var keys = Keys("pencil");
        var scram = Mechanism("SCRAM-SHA-256-PLUS", ServerNonce, Bound);
        Asked<AuthenticationRequest.FindScramKeys>(scram.Start(Bytes($"p={name},,n=user,r=rOprNGfwEbeRWgbNEkqO")));
        Assert.Equal(ServerFirst, Text(scram.Answer(new AuthenticationReply.ScramKeysFound(keys, User))));
        var final = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes($"p={name},,{value}"))},r=rOprNGfwEbeRWgbNEkqO{ServerNonce}";
        // The client knows the password, so only the binding decides.
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil"u8, keys.Salt.Span, 4096, HashAlgorithmName.SHA256, 32);
        var proof = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(keys.StoredKey.Span, Encoding.UTF8.GetBytes($"n=user,r=rOprNGfwEbeRWgbNEkqO,{ServerFirst},{final}"));
        for (var i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        var reported = Asked<AuthenticationRequest.ReportScramResult>(scram.Next(Bytes($"{final},p={Convert.ToBase64String(proof)}")));
        Assert.Equal(succeeds, reported.Succeeded);
    }

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
