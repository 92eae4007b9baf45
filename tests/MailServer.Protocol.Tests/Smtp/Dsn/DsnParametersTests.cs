using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Protocol.Tests.Smtp.Dsn;

public sealed class DsnParametersTests
{
    [Fact]
    public void RET_ENVID_NOTIFY_and_ORCPT_reach_the_router()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\nMAIL FROM:<a@far.example> RET=hdrs ENVID=QQ+20314159\r\n");
        world.Send("RCPT TO:<user@example.org> NOTIFY=success,Delay ORCPT=rfc822;us+2Ber@example.org\r\nRCPT TO:<one@example.org> NOTIFY=NEVER\r\nRCPT TO:<two@example.org>\r\nDATA\r\nx: y\r\n\r\n.\r\n");
        var dsn = Assert.Single(world.Accepted).Transaction.Dsn;
        Assert.Equal((DsnReturn.Headers, "QQ+20314159"), (dsn.Return, dsn.EnvelopeId));
        Assert.Equal(new RecipientDsnRequest(DsnNotify.Success | DsnNotify.Delay, "rfc822;us+2Ber@example.org"), dsn.Of(EmailAddress.Parse("user@example.org")));
        Assert.Equal(DsnNotify.Never, dsn.Of(EmailAddress.Parse("one@example.org")).Notify);
        Assert.Equal(RecipientDsnRequest.Default, dsn.Of(EmailAddress.Parse("two@example.org")));
    }

    [Fact]
    public void Envelope_options_reach_the_router_with_absolute_times()
    {
        using var world = new SmtpTestBed(SmtpTestBed.SecureSubmission);
        world.Send("EHLO client\r\nAUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0\r\n");
        world.Send("MAIL FROM:<user@example.org> REQUIRETLS MT-PRIORITY=-3 HOLDUNTIL=2026-01-02T00:00:00Z BY=90;NT\r\nRCPT TO:<user@example.org>\r\nDATA\r\nFrom: user@example.org\r\n\r\n.\r\n");
        world.Send("MAIL FROM:<user@example.org> HOLDFOR=60\r\nRCPT TO:<user@example.org>\r\nDATA\r\nFrom: user@example.org\r\n\r\n.\r\n");
        Assert.Equal(
            new EnvelopeOptions { RequireTls = true, Priority = -3, HoldUntil = SmtpTestBed.Start.AddDays(1), DeliverBy = new DeliverBy(SmtpTestBed.Start.AddSeconds(90), Return: false, Trace: true) },
            world.Accepted[0].Transaction.Options);
        Assert.Equal(new EnvelopeOptions { HoldUntil = SmtpTestBed.Start.AddSeconds(60) }, world.Accepted[1].Transaction.Options);
    }

    [Theory]
    [InlineData("REQUIRETLS")]
    [InlineData("MT-PRIORITY=1")]
    [InlineData("HOLDFOR=60")]
    [InlineData("BY=60;R")]
    public void Parameters_that_are_not_announced_are_refused(string parameter)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\n");
        Assert.StartsWith("555 5.5.4", world.Say($"MAIL FROM:<> {parameter}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8;gr\u00FC\u00DFe@example.org", true)]
    [InlineData("utf-8;gr\\x{FC}\\x{DF}e@example.org", true)]
    [InlineData("rfc822;gr\u00FC\u00DFe@example.org", false)]
    public void ORCPT_of_type_utf_8_may_contain_a_raw_UTF_8_address(string original, bool good)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\nMAIL FROM:<> SMTPUTF8\r\n");
        Assert.StartsWith(good ? "250" : "501 5.5.4", world.Say($"RCPT TO:<user@example.org> ORCPT={original}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MAIL FROM:<> RET=SOME")]
    [InlineData("MAIL FROM:<> RET=FULL RET=FULL")]
    [InlineData("MAIL FROM:<> ENVID=a=b")]
    [InlineData("MAIL FROM:<> ENVID=+2")]
    [InlineData("MAIL FROM:<> ENVID=+ab")]
    public void A_bad_parameter_of_MAIL_is_refused(string command)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\n");
        Assert.StartsWith("501 5.5.4", world.Say(command + "\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NOTIFY=")]
    [InlineData("NOTIFY=NEVER,SUCCESS")]
    [InlineData("NOTIFY=SUCCESS NOTIFY=DELAY")]
    [InlineData("ORCPT=rfc822")]
    [InlineData("ORCPT=;x")]
    [InlineData("ORCPT=rfc822;a=b")]
    public void A_bad_parameter_of_RCPT_is_refused(string parameter)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send("EHLO client\r\nMAIL FROM:<>\r\n");
        Assert.StartsWith("501 5.5.4", world.Say($"RCPT TO:<user@example.org> {parameter}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("250-far\r\n250 DSN", "MAIL FROM:<> RET=FULL ENVID=e1", "RCPT TO:<b@far.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@example.org", true)]
    [InlineData("250 far", "MAIL FROM:<>", "RCPT TO:<b@far.example>", false)]
    public void The_DSN_parameters_are_passed_to_a_host_that_supports_them(string offer, string mail, string rcpt, bool passedOn)
    {
        var output = new ArrayBufferWriter<byte>();
        using var session = new SmtpClientSession(new SmtpClientOptions { HeloName = "client" }) { Output = output };
        Hear(session, "220 far\r\n" + offer);
        var to = EmailAddress.Parse("b@far.example");
        session.Send(new OutgoingMessage
        {
            Sender = null,
            Recipients = [to],
            Content = new InMemoryContent("x\r\n"u8.ToArray()),
            Dsn = new DsnRequest
            {
                Return = DsnReturn.Full,
                EnvelopeId = "e1",
                Recipients = new Dictionary<EmailAddress, RecipientDsnRequest> { [to] = new(DsnNotify.Success | DsnNotify.Failure, "rfc822;x@example.org") },
            },
        });
        Hear(session, "", "250 ok", "250 ok", "354 go");
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear(session, "", "250 taken"));
        Assert.Equal(passedOn, finished.Outcome.DsnPassedOn);
        var said = Encoding.ASCII.GetString(output.WrittenSpan);
        Assert.Contains($"\r\n{mail}\r\n{rcpt}\r\nDATA\r\n", said, StringComparison.Ordinal);
    }

    private static SmtpClientEffect? Hear(SmtpClientSession session, params string[] pieces)
    {
        SmtpClientEffect? effect = null;
        foreach (var piece in pieces)
        {
            var input = new ReadOnlySequence<byte>(piece.Length == 0 ? [] : Encoding.ASCII.GetBytes(piece + "\r\n"));
            effect = session.Advance(ref input);
        }

        return effect;
    }
}
