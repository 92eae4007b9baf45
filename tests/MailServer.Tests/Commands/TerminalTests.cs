using System.Collections;
using System.Net;
using System.Text.Json;
using MailServer.Commands;
using MailServer.Domain.Access;
using MailServer.Storage.Access;
using MailServer.Tests.Hosting;

namespace MailServer.Tests.Commands;

/// <summary>Untrusted text never reaches the terminal unescaped, whatever output method a command uses.</summary>
public sealed class TerminalTests
{
    private static readonly (string Name, Action<Shell, string> Say)[] Ways =
    [
        ("line", static (shell, text) => shell.Terminal.WriteLine(text)),
        ("value in a line", static (shell, text) => shell.Terminal.WriteLine($"removed {text}")),
        ("formatted value", static (shell, text) => shell.Terminal.WriteLine($"{new FormattedName(text)} and {text:x}")),
        ("row", static (shell, text) => shell.Terminal.WriteRow([text, "b"])),
        ("complaint", static (shell, text) => shell.WriteError(text)),
        ("fault", static (shell, text) => shell.Terminal.WriteError(new InvalidOperationException(text, new IOException(text)))),
        ("progress", static (shell, text) => shell.Terminal.WriteProgress(text)),
        ("cell", static (shell, text) => shell.Terminal.Console.Write(Terminal.Cell(text))),
        ("cell of lines", static (shell, text) => shell.Terminal.Console.Write(Terminal.Cell([text, text]))),
        ("heading", static (shell, text) => shell.Terminal.Console.Write(Terminal.Heading(text))),
        ("listing", static (shell, text) => Rows(text).Write(shell, json: false)),
        ("listing as JSON", static (shell, text) => Rows(text).Write(shell, json: true)),
        ("JSON", static (shell, text) => shell.Terminal.WriteJson(JsonSerializer.Serialize(text))),
        ("file", static (shell, text) => shell.Terminal.WriteFileAsync(stream => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask(), static () => Stream.Null).GetAwaiter().GetResult()),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_output_method_escapes_control_characters(bool isTerminal)
    {
        foreach (var (name, say) in Ways)
        {
            foreach (var text in HostileText.Characters.Concat(HostileText.Attacks).Append(HostileText.All))
            {
                var said = Hear(isTerminal, shell => say(shell, text));
                // Written by the program itself: a carriage return, and the separators of cells.
                if (name == "progress") said = said[1..];
                if (name is "row" or "listing") said = said.Replace('\t', ' ');
                Assert.True(HostileText.IsFit(Plain(said), "\n"), $"{name}: {JsonSerializer.Serialize(said)}");
            }
        }
    }

    [Theory]
    [InlineData(120)]
    [InlineData(20)]
    public async Task Internationalised_domains_are_shown_to_people_in_Unicode_and_to_programs_as_in_DNS(int columns)
    {
        using var runner = new CommandRunner();
        await runner.SetUpAsync("ann@example.org");
        await runner.DoneAsync("domain", "add", "bücher.example");
        await runner.DoneAsync("user", "add", "ben@bücher.example", "--password", "correct horse 9");
        await runner.DoneAsync("alias", "add", "info@bücher.example", "ben@bücher.example", "ann@example.org");
        foreach (var list in (string[])["domain", "user", "alias"])
        {
            (runner.OutIsTerminal, runner.Columns) = (true, columns);
            var shown = await runner.DoneAsync(list, "list");
            Assert.Contains("bücher.example", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("xn--", shown, StringComparison.Ordinal);
            Assert.Contains("xn--bcher-kva.example", await runner.DoneAsync(list, "list", "--json"), StringComparison.Ordinal);
            runner.OutIsTerminal = false;
            Assert.Contains("xn--bcher-kva.example", await runner.DoneAsync(list, "list"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Text_cannot_add_cells_to_a_row_or_lines_to_a_listing()
    {
        var said = Hear(isTerminal: false, static shell => Rows(HostileText.All).Write(shell, json: false));
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(3, said.Split('\t').Length);
    }

    [Theory]
    [InlineData(22, false)]
    [InlineData(23, true)]
    public void A_table_that_does_not_fit_is_printed_as_named_lines(int columns, bool isTable)
    {
        var listing = new Listing("id", "last_reply", "held");
        listing.Add("a\nb", "450 later", true);
        listing.Add("c", "", false);
        var pairs = new Listing("what", "value");
        pairs.Add("server", "mail.example.org");
        var said = Hear(isTerminal: true, shell => Array.ForEach([listing, pairs], l => l.Write(shell, json: false)), columns);
        Assert.Equal(isTable, said.Contains('│', StringComparison.Ordinal));
        if (!isTable) Assert.Equal("id: a\\nb\nlast reply: 450 later\nheld: yes\n\nid: c\nheld: no\nserver: mail.example.org\n", said);
    }

    [Fact]
    public void Line_breaks_of_the_program_itself_are_kept()
    {
        var value = "a\nb";
        var said = Hear(isTerminal: false, shell => shell.Terminal.WriteLine($"""
            first {value}
            second
            """));
        Assert.Equal("first a\\nb\nsecond\n", said);
    }

    [Fact]
    public async Task A_failed_login_cannot_forge_a_line_of_the_audit()
    {
        using var runner = await new CommandRunner().SetUpAsync();
        var before = (await runner.DoneAsync("audit")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        using (var store = AccessStore.Open(Path.Combine(runner.Data, "access.db")))
        {
            store.Append([.. HostileText.Attacks.Where(static a => !a.Any(char.IsSurrogate)).Select(
                static a => new AuditEvent(DateTimeOffset.UtcNow, "sign-in.failed", a, "mail", IPAddress.Loopback, a))]);
        }

        var attacks = HostileText.Attacks.Count(static a => !a.Any(char.IsSurrogate));
        var audit = await runner.DoneAsync("audit");
        Assert.True(HostileText.IsFit(audit.Replace("\t", "", StringComparison.Ordinal), "\n"));
        Assert.Equal(before + attacks, audit.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        runner.OutIsTerminal = true;
        Assert.True(HostileText.IsFit(Plain(await runner.DoneAsync("audit")), "\n"));
        runner.OutIsTerminal = false;
        using var json = JsonDocument.Parse(await runner.DoneAsync("audit", "--json"));
        Assert.Contains(json.RootElement.EnumerateArray(), static e => e.GetProperty("account").GetString() == "x\e[2J\e[1;1Hnothing to see");
    }

    [Fact]
    public async Task A_name_on_the_command_line_cannot_forge_an_error_message()
    {
        using var runner = await new CommandRunner().SetUpAsync();
        foreach (var text in HostileText.Attacks)
        {
            var (code, _, error) = await runner.RunAsync("user", "show", $"a{text.Replace('\0', '0')}@example.org");
            Assert.InRange(code, 1, 2);
            Assert.True(HostileText.IsFit(error, "\n"));
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static Listing Rows(string text)
    {
        var listing = new Listing("name", "names", "more");
        listing.Add(text, new[] { text, text }, text);
        return listing;
    }

    private static string Hear(bool isTerminal, Action<Shell> say, int? columns = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        say(new Shell { Out = output, Error = output, In = TextReader.Null, OutIsTerminal = isTerminal, Columns = columns, PromptSecret = null, Environment = new Hashtable() });
        return output.ToString();
    }

    /// <summary>Removes the bold type of headings.</summary>
    private static string Plain(string said) => said.Replace("\e[1m", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal);

    private sealed class FormattedName(string text) : IFormattable
    {
        public override string ToString() => text;

        public string ToString(string? format, IFormatProvider? formatProvider) => text;
    }
}
