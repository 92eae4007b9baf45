using System.Globalization;
using MailServer.Domain;
using MailServer.Protocol.Imap.Commands;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Limits on what a client may announce and send: almost nothing before it has signed in, and afterwards what RFC 7888 §4 allows.</summary>
public sealed class LiteralLimitTests
{
    private const long Huge = 100_000_000;
    private static readonly Limits Limits = Limits.Default with { MaxMessageSize = 200_000 };

    public static TheoryData<string> Commands => [.. ImapCommandTable.All.Select(static c => c.Name), "APPEND INBOX", "APPEND INBOX (\\Seen)", "NOSUCHCOMMAND", ""];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_literal_useless_for_sign_in_ends_an_unauthenticated_connection(string command)
    {
        foreach (var plus in new[] { "", "+" })
        {
            foreach (var size in new[] { Limits.ImapSignInLiterals + 1, Huge, long.MaxValue })
            {
                using var driver = Stranger();
                var said = driver.Say(Announce(command, size, plus));
                Assert.StartsWith("* BYE [TOOBIG]", said, StringComparison.Ordinal);
                Assert.Equal("", driver.Say(new string('x', 100_000)));
                Assert.True(driver.IsClosed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Before_sign_in_a_short_literal_is_answered_together_with_the_command(string command)
    {
        foreach (var plus in new[] { "", "+" })
        {
            using var driver = Stranger();
            var said = driver.Say(Announce(command, 5, plus));
            said += driver.Say(plus.Length == 0 && !said.StartsWith("+ ", StringComparison.Ordinal) ? "" : "hello\r\n");
            Assert.DoesNotContain("BYE", said.Replace("* BYE Goodbye", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("\r\n", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unauthenticated_client_cannot_continue_a_refused_command_with_literals()
    {
        using var driver = Stranger();
        driver.Send("a APPEND INBOX {10000+}\r\n");
        for (var i = 0; i < 10 && !driver.IsClosed; i++) driver.Send(new string('x', 10_000) + " {10000+}\r\n");
        Assert.True(driver.IsClosed);
        Assert.Contains("* BYE [TOOBIG]", driver.TakeOutput(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a LOGIN ")]
    [InlineData("a AUTHENTICATE PLAIN ")]
    [InlineData("a AUTHENTICATE PLAIN\r\n")]
    [InlineData("a AUTHENTICATE SCRAM-SHA-256\r\n")]
    [InlineData("a LOGIN {3+}\r\nxyz ")]
    public void An_endless_line_ends_an_unauthenticated_connection(string begin)
    {
        using var driver = Stranger();
        driver.Send(begin);
        driver.TakeOutput();
        var sent = 0;
        for (; sent < 1_000_000 && !driver.IsClosed; sent += 1_000) driver.Send(new string('A', 1_000));
        Assert.StartsWith("* BYE ", driver.TakeOutput(), StringComparison.Ordinal);
        Assert.InRange(sent, Limits.ImapSignInLine - 1_000, Limits.ImapSignInLine + 1_000);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void After_sign_in_an_oversized_literal_is_skipped_and_refused_with_the_tag(string command)
    {
        foreach (var selected in new[] { false, true })
        {
            using var driver = SignedIn(selected);
            var size = command.StartsWith("APPEND INBOX", StringComparison.Ordinal) ? Limits.MaxMessageSize + 1 : Limits.ImapCommandLiterals + 1;
            // A nonsynchronizing literal arrives anyway; a synchronizing one does not.
            Assert.Equal("", driver.Say(Announce(command, size, "+")));
            driver.Send(new string('x', (int)size));
            var said = driver.Say("\r\nb NOOP\r\n");
            Assert.Matches(@"\A(a (BAD|NO) \[TOOBIG\]|a BAD|\* BAD)[^\r]*\r\n(\* [^\r]*\r\n)*b OK [^\r]*\r\n\z", said);
            Assert.Matches(@"\A(a (BAD|NO)|\* BAD) \[TOOBIG\]|\A\* BAD", driver.Say(Announce(command, size, "")));
            Assert.StartsWith("c OK", driver.Say("c NOOP\r\n"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void After_sign_in_a_nonsynchronizing_literal_beyond_every_message_size_ends_the_connection(string command)
    {
        using var driver = SignedIn(selected: true);
        Assert.StartsWith("* BYE [TOOBIG]", driver.Say(Announce(command, Huge, "+")), StringComparison.Ordinal);
        Assert.True(driver.IsClosed);
    }

    private static ImapDriver Stranger()
    {
        var driver = new ImapDriver(ImapDriver.Options(Limits, requireTls: false));
        driver.Session.Greet();
        driver.TakeOutput();
        return driver;
    }

    private static ImapDriver SignedIn(bool selected)
    {
        var driver = ImapDriver.SignedIn(Limits);
        if (selected) driver.Send("s SELECT INBOX\r\n");
        driver.TakeOutput();
        return driver;
    }

    private static string Announce(string command, long size, string plus) => string.Create(CultureInfo.InvariantCulture, $"a {command} {{{size}{plus}}}\r\n");
}
