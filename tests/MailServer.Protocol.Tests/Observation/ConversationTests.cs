using System.Text;
using CsCheck;
using MailServer.Protocol.Observation;
using MailServer.Protocol.Tests.Imap;
using MailServer.Protocol.Tests.Smtp;

namespace MailServer.Protocol.Tests.Observation;

public sealed class ConversationTests
{
    private readonly RecordingObserver _observer = new();

    [Theory]
    [InlineData("a LOGIN alice@example.org hush\r\n", "a LOGIN ***")]
    [InlineData("a LOGIN alice@example.org \"hush\"\r\n", "a LOGIN ***")]
    [InlineData("a LOGIN {17+}\r\nalice@example.org {4+}\r\nhush\r\n", "a LOGIN ***")]
    [InlineData("a login hush\r\n", "a LOGIN ***")]
    [InlineData("a AUTHENTICATE PLAIN AGh1c2gAaHVzaA==\r\n", "a AUTHENTICATE PLAIN")]
    [InlineData("a AUTHENTICATE hush\r\n", "a AUTHENTICATE ***")]
    [InlineData("hush\r\n", "(not understood, 4 octets)")]
    [InlineData("a hush hush\r\n", "(not understood, 11 octets)")]
    [InlineData("a SEARCH SUBJECT hush\r\n", "a SEARCH ***")]
    [InlineData("a CREATE {4+}\r\nhush\r\n", "a CREATE {4+}***")]
    [InlineData("a SELECT INBOX\r\n", "a SELECT INBOX")]
    public void Commands_of_an_IMAP_client_are_shown_without_secrets(string command, string told)
    {
        using var driver = Imap();
        driver.Send(command);
        Assert.Equal(told, _observer.Heard[0]);
        Assert.All(_observer.Heard, h => Assert.DoesNotContain("hush", h, StringComparison.Ordinal));
    }

    [Fact]
    public void Responses_to_challenges_and_messages_are_shown_as_their_length()
    {
        using var driver = Imap();
        driver.Send("a AUTHENTICATE PLAIN\r\n");
        driver.Send("AGh1c2gAaHVzaA==\r\n");
        driver.Send("b LOGIN alice@example.org secret\r\nc APPEND INBOX {12+}\r\nhush: hush\r\n\r\nd IDLE\r\n");
        driver.Send("DONE\r\n");
        Assert.Equal(
            ["a AUTHENTICATE PLAIN", "(not shown, 16 octets)", "b LOGIN ***", "c APPEND INBOX {12+}", "(message, 12 octets)", "d IDLE", "DONE"], _observer.Heard);
    }

    [Fact]
    public void The_start_and_end_of_commands_are_reported()
    {
        using var driver = Imap();
        driver.Send("a NOOP\r\nb ID (\"name\" \"Some Mail\" \"version\" \"7.1\")\r\nc FETCH 1 FLAGS\r\n");
        Assert.Equal(["+NOOP", "-NOOP", "+ID", "-ID"], _observer.Commands);
        Assert.Equal("Some Mail 7.1", _observer.Client);
    }

    [Theory]
    [InlineData("AUTH PLAIN AGh1c2gAaHVzaA==\r\n", "AUTH PLAIN")]
    [InlineData("AUTH LOGIN\r\naHVzaA==\r\n", "AUTH LOGIN", "(response, 8 octets)")]
    [InlineData("aHVzaA==\r\n", "(not understood, 8 octets)")]
    [InlineData("MAIL FROM:<a@example.org>\r\n", "MAIL FROM:<a@example.org>")]
    public void Commands_of_an_SMTP_client_are_shown_without_secrets(string said, params string[] told)
    {
        using var world = new SmtpTestBed(SmtpTestBed.SecureSubmission with { Observer = _observer });
        world.Send(Encoding.ASCII.GetBytes("EHLO client\r\n" + said));
        Assert.Equal(["EHLO client", .. told], _observer.Heard);
    }

    [Fact]
    public void A_message_is_shown_as_its_length_with_DATA_and_BDAT()
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving with { Observer = _observer });
        world.Send("EHLO client\r\nMAIL FROM:<>\r\nRCPT TO:<user@example.org>\r\nDATA\r\n"u8);
        world.Send("hush\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<user@example.org>\r\nBDAT 6 LAST\r\nhush\r\n"u8);
        Assert.Contains("(message, 9 octets)", _observer.Heard);
        Assert.Contains("(chunk, 6 octets)", _observer.Heard);
        Assert.All(_observer.Heard, h => Assert.DoesNotContain("hush", h, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("* OK ready\r\n", "* OK ready")]
    [InlineData("+ c2VjcmV0\r\n", "+ ***")]
    [InlineData("+ idling\r\n", "+ idling")]
    [InlineData("+ Go ahead\r\n", "+ Go ahead")]
    [InlineData("* 3 FETCH (UID 7 ENVELOPE (NIL \"hush \\\" hush\" NIL) BODY[] {4}\r\nhush FLAGS (\\Seen))\r\n", "* 3 FETCH (UID 7 ENVELOPE (NIL \"***\" NIL) BODY[] {4}*** FLAGS (\\Seen))")]
    [InlineData("* 3 FETCH (BODY[HEADER] {4}\r\nhush BODY[TEXT] {6}\r\nhu\r\nsh)\r\na OK done\r\n", "* 3 FETCH (BODY[HEADER] {4}*** BODY[TEXT] {6}***)", "a OK done")]
    [InlineData("* LIST () \"/\" Archive\r\n", "* LIST () \"/\" Archive")]
    public void Responses_of_an_IMAP_server_are_shown_without_content_with_any_fragmentation(string said, params string[] told)
    {
        foreach (var piece in new[] { 1, 2, 7, 1_000 }) Assert.Equal(told, Mask(OutputFormat.Imap, Encoding.ASCII.GetBytes(said), piece));
    }

    [Fact]
    public void Content_sent_on_another_path_is_skipped()
    {
        var told = new List<string>();
        var mask = new OutputRedactor(OutputFormat.Imap, told.Add);
        mask.Write("* 1 FETCH (BODY[] {100000}\r\n"u8);
        mask.Skip(100_000);
        mask.Write(" UID 9)\r\na OK done\r\n"u8);
        Assert.Equal(["* 1 FETCH (BODY[] {100000}*** UID 9)", "a OK done"], told);
    }

    [Theory]
    [InlineData("\"c2VjcmV0\"\r\n", "\"***\"")]
    [InlineData("OK (SASL \"c2VjcmV0\") \"Signed in\"\r\n", "OK (SASL \"***\")")]
    [InlineData("{10}\r\nkeep;\r\nhu\r\nOK \"Sent\"\r\n", "{10}***", "OK \"Sent\"")]
    [InlineData("\"main\" ACTIVE\r\nOK \"Listed\"\r\n", "\"main\" ACTIVE", "OK \"Listed\"")]
    public void Responses_of_a_ManageSieve_server_are_shown_without_scripts_and_challenges(string said, params string[] told)
    {
        foreach (var piece in new[] { 1, 2, 1_000 }) Assert.Equal(told, Mask(OutputFormat.ManageSieve, Encoding.ASCII.GetBytes(said), piece));
    }

    [Fact]
    public void SMTP_challenges_are_not_shown() => Assert.Equal(["334 ***", "250 Ok"], Mask(OutputFormat.Smtp, "334 c2VjcmV0\r\n250 Ok\r\n"u8.ToArray(), 1_000));

    [Fact]
    public void Lines_are_limited_and_printable_for_any_input() => Gen.Byte.Array[0, 4_000].Sample(octets =>
    {
        foreach (var line in Enum.GetValues<OutputFormat>().SelectMany(f => Mask(f, octets, 100)))
        {
            Assert.InRange(line.Length, 0, 510);
            Assert.All(line, c => Assert.True(c is >= ' ' and < '\u007F' or '·' or '…'));
        }
    });

    private static List<string> Mask(OutputFormat format, byte[] octets, int piece)
    {
        var told = new List<string>();
        var mask = new OutputRedactor(format, told.Add);
        foreach (var part in octets.Chunk(piece)) mask.Write(part);
        return told;
    }

    private ImapDriver Imap()
    {
        var driver = new ImapDriver(ImapDriver.Options(requireTls: false) with { Observer = _observer });
        driver.Session.Greet();
        return driver;
    }
}
