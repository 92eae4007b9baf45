using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>One message of sixty has an unreadable file: every command serves the other 59 and names that one.</summary>
public sealed class UnreadableFileTests
{
    private const int Messages = 60;
    private const string Named = "[UNAVAILABLE] These messages cannot be read, UID 17";

    [Fact]
    public async Task One_unreadable_file_does_not_hide_the_other_messages()
    {
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { RequireTls = false });
        var user = await server.AddUserAsync();
        await using var wire = await MarkedMail.LoginAsync(server, user);
        for (var i = 1; i <= Messages; i++)
        {
            var text = MarkedMail.Text(user, $"m{i}");
            Assert.Contains(" OK ", (await wire.ImapAsync($"APPEND INBOX {{{text.Length}+}}\r\n{text}"))[^1], StringComparison.Ordinal);
        }

        await wire.ImapAsync("SELECT INBOX");
        var file = Assert.Single(server.FilesWith("Subject: m17\r\n"));
        File.Delete(file);
        File.CreateSymbolicLink(file, "/nonexistent/file");

        foreach (var items in new[] { "BODY.PEEK[]", "BODY[TEXT]", "RFC822", "(UID BODY.PEEK[]<0.5>)" })
        {
            var fetched = await wire.ImapAsync($"UID FETCH 1:* {items}");
            Assert.EndsWith(" NO " + Named, fetched[^1], StringComparison.Ordinal);
            Assert.Equal(Messages - 1, fetched.Count(l => l.StartsWith("* ", StringComparison.Ordinal) && l.Contains(" FETCH (", StringComparison.Ordinal)));
        }

        foreach (var keys in new[] { "BODY body", "TEXT body", "NOT BODY nowhere" })
        {
            var found = await wire.ImapAsync($"UID SEARCH {keys}");
            Assert.Equal(Messages - 1, found.Single(l => l.StartsWith("* SEARCH", StringComparison.Ordinal)).Split(' ').Length - 2);
            Assert.Contains("* NO " + Named, found);
            Assert.Contains(" OK ", found[^1], StringComparison.Ordinal);
        }

        Assert.Contains(" OK ", (await wire.ImapAsync("UID FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)"))[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("\\Seen", (await wire.ImapAsync("UID FETCH 17 FLAGS"))[0], StringComparison.Ordinal);
    }
}
