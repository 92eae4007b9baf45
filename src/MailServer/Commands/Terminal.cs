using System.Text;
using MailServer.Hosting;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>
/// The one way to a command's output and to its complaints. Whatever comes from a database, a peer or a message is escaped here
/// (<see cref="VisibleText"/>); line ends are those that the program writes.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isPerson">Output is read by a person.</param>
/// <param name="columns">The width; null: as wide as the terminal is found to be.</param>
public sealed class Terminal(TextWriter output, TextWriter error, bool isPerson, int? columns = null)
{
    // The alternate screen: what stood there before stands there afterwards.
    private const string EnterScreen = "\e[?1049h\e[H";
    private const string LeaveScreen = "\e[?1049l";
    private const string CursorOn = "\e[?25h";

    // Below this a table breaks its words; its rows are lines then.
    private const int NarrowestTable = 60;

    /// <summary>For tables, progress bars and questions. Their texts come from <see cref="Cell"/>.</summary>
    public IAnsiConsole Console
    {
        get
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            if (columns is { } width) console.Profile.Width = width;
            return console;
        }
    }

    /// <summary>Too narrow for a table.</summary>
    public bool IsNarrow => Console.Profile.Width < NarrowestTable;

    /// <summary>A text for a table or a heading.</summary>
    public static Text Cell(string text) => new(VisibleText.Escape(text));

    /// <summary>Texts below each other in one cell.</summary>
    public static Text Cell(IEnumerable<string> lines) => new(string.Join('\n', lines.Select(VisibleText.Escape)));

    public static Text Heading(string text) => new(VisibleText.Escape(text), new Style(decoration: Decoration.Bold));

    /// <summary>One line.</summary>
    public void Say(string text) => output.WriteLine(VisibleText.Escape(text));

    /// <summary>A line for a script: cells, separated by tabs.</summary>
    public void SayRow(IEnumerable<string> cells) => output.WriteLine(string.Join('\t', cells.Select(VisibleText.Escape)));

    public void SayJson(string json) => output.WriteLine(VisibleText.EscapeJson(json));

    /// <summary>One line on stderr that says what is wrong.</summary>
    public void Complain(string text) => error.WriteLine($"mailserver: {VisibleText.Escape(text)}");

    /// <summary>A fault of the program itself: the lines that a report of it needs.</summary>
    public void Complain(Exception fault)
    {
        Complain("unexpected error; please report these lines");
        foreach (var line in ExceptionText.Lines(fault)) error.WriteLine(line);
    }

    /// <summary>Replaces the line on stderr that said how far the work is.</summary>
    public void SayProgress(string text) => error.Write($"\r{VisibleText.Escape(text)}");

    public Task FlushAsync(CancellationToken cancel) => output.FlushAsync(cancel);

    public void Flush() => output.Flush();

    /// <summary>Where a live view was cut off: a program that is still there shows its cursor again.</summary>
    public void ShowCursor()
    {
        if (isPerson) output.Write(CursorOn);
        output.Flush();
    }

    public void ShowScreen(bool alternate) => output.Write(alternate ? EnterScreen : LeaveScreen);

    /// <summary>Writes a file to standard output: as it is for a program, readable for a person.</summary>
    public async Task SayFileAsync(Func<Stream, Task> write, Func<Stream> openOutput)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(openOutput);
        if (!isPerson)
        {
            await using var raw = openOutput();
            await write(raw);
            return;
        }

        using var content = new MemoryStream();
        await write(content);
        content.Position = 0;
        using var lines = new StreamReader(content, Encoding.UTF8);
        while (await lines.ReadLineAsync() is { } line) Say(line);
    }

    /// <summary>What a thing is, and its value.</summary>
    public void SayNamed(string name, string value) => Say($"{name}: {value}");

    /// <summary>Lines with values in them.</summary>
    internal void Say(TerminalText text) => output.WriteLine(text.ToString());
}
