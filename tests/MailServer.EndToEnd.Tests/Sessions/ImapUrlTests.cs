using System.Globalization;
using MailServer.EndToEnd.Tests.Faults;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>URLs of messages on a running server: signed ones that another account uses (RFC 4467), and messages made of parts of others (RFC 4469).</summary>
public sealed class ImapUrlTests
{
    private const int LargeSize = 20_000_000;

    [Fact]
    public async Task A_signed_url_is_good_for_the_other_account_until_its_key_is_reset_even_after_a_crash()
    {
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { RequireTls = false });
        var (ann, bob, eve) = (await server.AddUserAsync(), await server.AddUserAsync(), await server.AddUserAsync());
        await server.DeliverAsync(TestMail.Text(ann, "secret", new string('s', 60) + "\r\n"), ann);
        await using var owner = await MarkedMail.LoginAsync(server, ann);
        var place = $"imap://{InUrl(ann)}@{server.Domain}/INBOX/;UID=1/;SECTION=TEXT";
        var forBob = await SignAsync(owner, $"{place};URLAUTH=user+{InUrl(bob)}");
        var forAll = await SignAsync(owner, $"{place};URLAUTH=authuser");
        await server.KillAsync();
        await server.StartAsync();
        foreach (var (user, isForBob) in new[] { (bob, true), (eve, false) })
        {
            await using var other = await MarkedMail.LoginAsync(server, user);
            Assert.Equal(isForBob, await LeadsAsync(other, forBob));
            Assert.True(await LeadsAsync(other, forAll));
            Assert.False(await LeadsAsync(other, forAll.Replace(";UID=1", ";UID=2", StringComparison.Ordinal)));
            // A URL is no access to anything else.
            Assert.Contains(" NO ", (await other.ImapAsync($"APPEND INBOX CATENATE (URL \"{forAll}\")"))[^1], StringComparison.Ordinal);
        }

        await using var again = await MarkedMail.LoginAsync(server, ann);
        Assert.Contains(" OK [URLMECH INTERNAL]", (await again.ImapAsync("RESETKEY INBOX"))[^1], StringComparison.Ordinal);
        await using var last = await MarkedMail.LoginAsync(server, bob);
        Assert.False(await LeadsAsync(last, forBob));
    }

    /// <summary>A message of 20 MB is made of another one without passing through the client, and without a second copy in memory.</summary>
    [Fact]
    public async Task A_large_message_is_made_of_another_one_with_little_memory()
    {
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { RequireTls = false });
        var user = await server.AddUserAsync();
        await using var client = await MarkedMail.LoginAsync(server, user);
        var large = "Subject: large\r\n\r\n" + new string('x', LargeSize - 18);
        await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"a APPEND INBOX {{{LargeSize}+}}\r\n{large}\r\n"));
        Assert.StartsWith("a OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains(" OK ", (await client.ImapAsync("APPEND Archive CATENATE (URL /INBOX/;UID=1)"))[^1], StringComparison.Ordinal);
        var before = server.ProportionalMemory();
        for (var i = 0; i < 5; i++) Assert.Contains(" OK [APPENDUID ", (await client.ImapAsync("APPEND Archive CATENATE (TEXT {8+}\r\nX-I: 1\r\n URL /INBOX/;UID=1)"))[^1], StringComparison.Ordinal);
        Assert.InRange(server.ProportionalMemory() - before, long.MinValue, 24 * 1024);
        Assert.Contains((await client.ImapAsync("STATUS Archive (MESSAGES SIZE)")), static line => line.Contains(string.Create(CultureInfo.InvariantCulture, $"MESSAGES 6 SIZE {(6 * LargeSize) + 40}"), StringComparison.Ordinal));
        // 50 copies are a gigabyte.
        var gigabyte = string.Join(' ', Enumerable.Repeat("URL /INBOX/;UID=1", 50));
        Assert.Contains(" NO [TOOBIG]", (await client.ImapAsync($"APPEND Archive CATENATE ({gigabyte})"))[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(server.Folder, "data", "spool")), static file => !Path.GetFileName(file).StartsWith('.'));
    }

    private static string InUrl(string login) => login.Replace("@", "%40", StringComparison.Ordinal);

    private static async Task<string> SignAsync(WireClient client, string rump)
    {
        var lines = await client.ImapAsync($"GENURLAUTH \"{rump}\" INTERNAL");
        Assert.StartsWith($"* GENURLAUTH \"{rump}:internal:", lines[0], StringComparison.Ordinal);
        return lines[0].Split('"')[1];
    }

    private static async Task<bool> LeadsAsync(WireClient client, string url)
    {
        var lines = await client.ImapAsync($"URLFETCH \"{url}\"");
        Assert.Contains(" OK ", lines[^1], StringComparison.Ordinal);
        if (lines[0] == $"* URLFETCH \"{url}\" NIL") return false;
        Assert.Contains(new string('s', 60), lines);
        return true;
    }
}
