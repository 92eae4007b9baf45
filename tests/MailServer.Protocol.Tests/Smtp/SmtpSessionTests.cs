using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Tests.Smtp;

public sealed class SmtpSessionTests
{
    private const string Envelope = "EHLO client\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<user@example.org>\r\n";

    private static readonly Gen<string> Fragment = Gen.OneOfConst(
        "EHLO x\r\n", "MAIL FROM:<a@example.com>\r\n", "RCPT TO:<user@example.org>\r\n", "DATA\r\n", ".\r\n", "BDAT 3\r\n", "BDAT 99999999999999999\r\n",
        "BDAT 0 LAST\r\n", "abc", "RSET\r\n", "AUTH PLAIN\r\n", "AUTH LOGIN =\r\n", "AUTH SCRAM-SHA-256\r\n", "*\r\n", "AAAA\r\n", "STARTTLS\r\n", "\r\n",
        "\n", "\0", "\u00E9", " ", "<", ">", "\"", "MAIL FROM:<\"", "@", ":", "QUIT\r\n");

    [Fact]
    public void The_transaction_has_all_envelope_data()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\nMAIL FROM:<\u00FC@example.com> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<user@example.org>\r\nDATA\r\n.\r\n");
        var transaction = world.Accepted[0].Transaction;
        Assert.Equal("\u00FC@example.com", transaction.Sender?.ToString());
        Assert.Equal(["user@example.org"], transaction.Recipients.Select(r => r.ToString()));
        Assert.True(transaction.EightBit && transaction.SmtpUtf8 && transaction.UsesEhlo);
        Assert.Equal(("client", "s1", SessionPolicy.Receiving), (transaction.HeloName, transaction.SessionId, transaction.Policy));
    }

    [Fact]
    public void A_message_beyond_the_limit_is_discarded_at_once_and_refused_at_its_end()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving with { Limits = new Limits { MaxMessageSize = 100 } });
        world.Send(Envelope + "DATA\r\n");
        world.Heard();
        world.Send(new string('x', 101));
        Assert.Equal(1, world.Discarded);
        Assert.Equal("", world.Heard());
        Assert.StartsWith("552 5.3.4", world.Say("\r\n.\r\n"), StringComparison.Ordinal);
        Assert.Empty(world.Accepted);
    }

    [Fact]
    public void RSET_between_chunks_discards_the_message()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send(Envelope + "BDAT 3\r\nabcRSET\r\n");
        Assert.Equal(1, world.Discarded);
    }

    [Fact]
    public void Replies_from_outside_cannot_contain_line_breaks()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving) { Verdict = new SmtpReply(550, "5.7.1", "no\r\n250 yes\u00E9\r\0") };
        world.Send(Envelope);
        Assert.EndsWith("550-5.7.1 no\r\n550 5.7.1 250 yes???\r\n", world.Say("DATA\r\n.\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_session_sends_nothing_more()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Heard();
        world.Session.Bye("Shutting down");
        Assert.Equal("421 4.3.2 mx.example.org Shutting down\r\n", world.Heard());
        Assert.Equal(("closing", true), (world.Session.StateName, world.Session.IsEnded));
        Assert.Equal("", world.Say("NOOP\r\n"));
    }

    [Fact]
    public void The_state_and_the_last_command_of_a_client_are_reported()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        Assert.Equal(("connected", null), (world.Session.StateName, world.Session.LastCommand));
        world.Send(Envelope);
        Assert.Equal(("recipients", "RCPT"), (world.Session.StateName, world.Session.LastCommand));
        world.Send("DATA\r\n");
        Assert.Equal("data", world.Session.StateName);
        world.Send(".\r\n");
        Assert.Equal("greeted", world.Session.StateName);
    }

    [Fact]
    public void Delivered_messages_reset_the_error_count()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving with { Limits = new Limits { MaxErrors = 3 } });
        for (var i = 0; i < 3; i++) world.Send(Envelope + "X\r\nX\r\nDATA\r\n.\r\n");
        Assert.Equal(3, world.Accepted.Count);
        Assert.False(world.Session.IsEnded);
    }

    [Fact]
    public void Sign_in_works_with_SCRAM()
    {
        using var world = new SmtpTestBed(SmtpTestBed.SecureSubmission with { ServerNonce = () => "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0" });
        world.Send("EHLO client\r\n");
        Assert.StartsWith("334 ", world.Say($"AUTH SCRAM-SHA-256 {Base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")}\r\n"), StringComparison.Ordinal);
        var final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        Assert.Equal($"334 {Base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")}\r\n", world.Say($"{Base64(final)}\r\n"));
        Assert.Equal("235 2.7.0 Authentication succeeded\r\n", world.Say("\r\n"));
        Assert.NotNull(world.Session.Account);
    }

    [Fact]
    public void No_input_throws_and_fragmentation_changes_nothing() =>
        Gen.Select(Fragment.List[0, 40], Gen.Int[1, 5], Gen.Bool).Sample((fragments, piece, submission) =>
        {
            var options = submission ? SmtpTestBed.SecureSubmission : SmtpTestBed.Receiving with { TlsAvailable = false };
            var text = string.Concat(fragments);
            using var whole = new SmtpTestBed(options);
            using var pieces = new SmtpTestBed(options);
            whole.Send(text);
            pieces.Send(text, piece);
            Assert.Equal(whole.Heard(), pieces.Heard());
            Assert.Equal(whole.Accepted.Select(a => Convert.ToHexString(a.Content)), pieces.Accepted.Select(a => Convert.ToHexString(a.Content)));
        }, iter: 3_000);

    [Fact]
    public void Random_octets_never_throw() =>
        Gen.Byte.Array[0, 400].Sample(octets =>
        {
            using var world = new SmtpTestBed(SmtpTestBed.Receiving);
            world.Send(octets, 7);
        });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
