using System.Text;
using MailServer.Hosting;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>
/// All output and error messages of commands go through this class, which escapes control characters in them (<see cref="OutputEscaping"/>): text from a
/// database, a peer or a message can neither control the terminal nor add lines.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isPerson">Whether output is a terminal.</param>
/// <param name="columns">The width in columns; null: detected.</param>
public sealed class Terminal(TextWriter output, TextWriter error, bool isPerson, int? columns = null)
{
    // The alternate screen, which keeps the previous content of the terminal.
    private const string EnterScreen = "\e[?1049h\e[H";
    private const string LeaveScreen = "\e[?1049l";
    private const string CursorOn = "\e[?25h";

    private const int NarrowestView = 60;

    /// <summary>For tables, progress bars and prompts. Their texts must come from <see cref="Cell"/>.</summary>
    public IAnsiConsole Console
    {
        get
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            if (columns is { } width) console.Profile.Width = width;
            return console;
        }
    }

    /// <summary>The width in columns.</summary>
    public int Width => Console.Profile.Width;

    /// <summary>Whether the terminal is too narrow for a view that updates itself.</summary>
    public bool IsNarrow => Width < NarrowestView;

    /// <summary>An escaped text for a table or a heading.</summary>
    public static Text Cell(string text) => new(OutputEscaping.Escape(text));

    /// <summary>Several escaped lines in one cell.</summary>
    public static Text Cell(IEnumerable<string> lines) => new(string.Join('\n', lines.Select(OutputEscaping.Escape)));

    public static Text Heading(string text) => new(OutputEscaping.Escape(text), new Style(decoration: Decoration.Bold));

    /// <summary>Prints one line.</summary>
    public void WriteLine(string text) => output.WriteLine(OutputEscaping.Escape(text));

    /// <summary>Prints cells separated by tabs, for scripts.</summary>
    public void WriteRow(IEnumerable<string> cells) => output.WriteLine(string.Join('\t', cells.Select(OutputEscaping.Escape)));

    public void WriteJson(string json) => output.WriteLine(OutputEscaping.EscapeJson(json));

    /// <summary>Prints an error or a warning as one line on stderr.</summary>
    public void WriteError(string text) => error.WriteLine($"mailserver: {OutputEscaping.Escape(text)}");

    /// <summary>Prints an unexpected exception with the details needed for a bug report.</summary>
    public void WriteError(Exception fault)
    {
        WriteError("unexpected error; please report these lines");
        foreach (var line in ExceptionText.Lines(fault)) error.WriteLine(line);
    }

    /// <summary>Replaces the progress line on stderr.</summary>
    public void WriteProgress(string text) => error.Write($"\r{OutputEscaping.Escape(text)}");

    public Task FlushAsync(CancellationToken cancel) => output.FlushAsync(cancel);

    public void Flush() => output.Flush();

    /// <summary>Shows the cursor again after an interrupted live view.</summary>
    public void ShowCursor()
    {
        if (isPerson) output.Write(CursorOn);
        output.Flush();
    }

    public void ShowScreen(bool alternate) => output.Write(alternate ? EnterScreen : LeaveScreen);

    /// <summary>Writes a file to standard output: unchanged for a program, with control characters escaped for a terminal.</summary>
    public async Task WriteFileAsync(Func<Stream, Task> write, Func<Stream> openOutput)
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
        while (await lines.ReadLineAsync() is { } line) WriteLine(line);
    }

    /// <summary>Prints a label and its value.</summary>
    public void WriteField(string name, string value) => WriteLine($"{name}: {value}");

    /// <summary>Prints text of several lines whose interpolated values are escaped.</summary>
    internal void WriteLine(TerminalText text) => output.WriteLine(text.ToString());
}
