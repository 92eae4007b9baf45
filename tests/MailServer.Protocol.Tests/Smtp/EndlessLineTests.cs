namespace MailServer.Protocol.Tests.Smtp;

/// <summary>An endless line is read only up to a limit, in every state that reads lines.</summary>
public sealed class EndlessLineTests
{
    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "EHLO x\r\n")]
    [InlineData(false, "EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<user@example.org>\r\n")]
    [InlineData(true, "EHLO x\r\n")]
    [InlineData(true, "EHLO x\r\nAUTH PLAIN ")]
    [InlineData(true, "EHLO x\r\nAUTH PLAIN\r\n")]
    [InlineData(true, "EHLO x\r\nAUTH LOGIN\r\n")]
    [InlineData(true, "EHLO x\r\nAUTH SCRAM-SHA-256\r\n")]
    public void The_connection_ends_with_421(bool submits, string begin)
    {
        var options = submits ? SmtpTestBed.SecureSubmission : SmtpTestBed.Receiving;
        using var world = new SmtpTestBed(options);
        world.Send(begin);
        world.Heard();
        var sent = 0;
        for (; sent < 1_000_000 && !world.Session.IsEnded; sent += 1_000) world.Send(new string('A', 1_000));
        Assert.Equal("421 4.7.0 mx.example.org Line is too long\r\n", world.Heard());
        Assert.InRange(sent, options.Limits.SmtpMaxReadLine - 2_000, options.Limits.SmtpMaxReadLine + options.Limits.SmtpCommandLine);
    }

    [Theory]
    [InlineData("DATA\r\n", true)]
    [InlineData("BDAT 9223372036854775807\r\n", false)]
    [InlineData("BDAT 3\r\nabcBDAT 300000 LAST\r\n", false)]
    [InlineData("RSET\r\nBDAT 9223372036854775807 LAST\r\n", false)]
    public void A_message_far_beyond_the_limit_is_not_read_completely(string begin, bool afterSending)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving with { Limits = new Domain.Limits { MaxMessageSize = 100_000 } });
        world.Send("EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<user@example.org>\r\n" + begin);
        var sent = 0;
        for (; sent < 1_000_000 && !world.Session.IsEnded; sent += 1_000) world.Send(new string('A', 998) + "\r\n");
        Assert.True(world.Session.IsEnded);
        Assert.EndsWith("552 5.3.4 Message is larger than this server takes\r\n", world.Heard(), StringComparison.Ordinal);
        Assert.InRange(sent, afterSending ? 199_000 : 0, afterSending ? 202_000 : 0);
        Assert.Empty(world.Accepted);
    }

    [Fact]
    public void An_overlong_line_is_refused_and_the_next_is_read()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Heard();
        for (var i = 0; i < 8; i++) Assert.StartsWith("500 5.5.2", world.Say(new string('A', 20_000) + "\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("250", world.Say("HELO x\r\n"), StringComparison.Ordinal);
    }
}
