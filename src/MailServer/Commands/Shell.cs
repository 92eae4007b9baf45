using System.Collections;
using System.Text;
using MailServer.Hosting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary>The process environment of a command: streams, terminal, environment variables, clock.</summary>
public sealed record Shell
{
    private const int Output = 1;
    private const int Errors = 2;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Whether output is a terminal: tables instead of tab-separated lines.</summary>
    public required bool OutIsTerminal { get; init; }

    /// <summary>Prompts for a secret without echo; null if there is no terminal.</summary>
    public required Func<string, string?>? PromptSecret { get; init; }

    /// <summary>Whether the command can prompt the user.</summary>
    public bool IsInteractive => PromptSecret is not null;

    /// <summary>Returns a pressed key without waiting; null if there is none or no keyboard.</summary>
    public Func<char?> ReadPressedKey { get; init; } = static () => null;

    /// <summary>The width of the terminal in columns; null: detected.</summary>
    public int? Columns { get; init; }

    /// <summary>Whether signals cancel the command. False in tests, which share a process.</summary>
    public bool HandlesSignals { get; init; }

    public required IDictionary Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Opens standard output for binary content.</summary>
    public Func<Stream> OpenOut { get; init; } = static () => new CommandOutput(Open(Output));

    /// <summary>The only writer to <see cref="Out"/> and <see cref="Error"/>.</summary>
    public Terminal Terminal => new(Out, Error, OutIsTerminal, Columns);

    public static Shell OfProcess() => new()
    {
        // The writers of the runtime hide that nobody reads any more. On a terminal they know its width and colours.
        Out = Console.IsOutputRedirected ? CommandOutput.WriterOf(Open(Output), Console.OutputEncoding) : Console.Out,
        Error = Console.IsErrorRedirected ? CommandOutput.ErrorWriterOf(Open(Errors), Console.OutputEncoding) : Console.Error,
        In = Console.In,
        OutIsTerminal = !Console.IsOutputRedirected,
        PromptSecret = Console.IsInputRedirected ? null : AskOnTerminal,
        ReadPressedKey = static () => !Console.IsInputRedirected && Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null,
        HandlesSignals = true,
        Environment = System.Environment.GetEnvironmentVariables(),
    };

    /// <summary>Asks a yes/no question on stderr and waits for a key; returns true for y.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancel)
    {
        const int Interval = 50;
        Terminal.WriteProgress($"{question} [y/N] ");
        char? key = null;
        try
        {
            while ((key = ReadPressedKey()) is null) await Task.Delay(Interval, cancel);
            return key is 'y' or 'Y';
        }
        finally
        {
            Error.WriteLine(key is null ? "" : key is 'y' or 'Y' ? "y" : "n");
        }
    }

    /// <summary>The width of the terminal in columns; null if output is not a terminal.</summary>
    internal static int? WidthOf(Shell shell) => shell.OutIsTerminal ? shell.Columns ?? shell.Terminal.Console.Profile.Width : null;

    /// <summary>Prints an error or a warning as one line on stderr.</summary>
    public void WriteError(string text) => Terminal.WriteError(text);

    private static Stream Open(int number) => OperatingSystem.IsWindows()
        ? number == Output ? Console.OpenStandardOutput() : Console.OpenStandardError()
        : DescriptorStream.OfProcess(number);

    private static string? AskOnTerminal(string question)
    {
        Console.Error.Write(OutputEscaping.Escape(question));
        try
        {
            // As a signal, Ctrl-C would be handled only after the line is complete.
            Console.TreatControlCAsInput = true;
            return ReadSecret();
        }
        finally
        {
            Console.TreatControlCAsInput = false;
            Console.Error.WriteLine();
        }
    }

    private static string? ReadSecret()
    {
        var secret = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }) throw new OperationCanceledException();
            if (key.Key == ConsoleKey.Backspace) secret.Length = Math.Max(0, secret.Length - 1);
            else if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control }) return null;
            else if (!char.IsControl(key.KeyChar)) secret.Append(key.KeyChar);
        }

        return secret.ToString();
    }
}
