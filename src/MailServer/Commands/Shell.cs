using System.Collections;
using System.Text;
using MailServer.Hosting;

namespace MailServer.Commands;

/// <summary>What a command sees of the process it runs in: its streams, its terminal, its environment.</summary>
public sealed record Shell
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Output is read by a person: tables rather than lines.</summary>
    public required bool OutIsTerminal { get; init; }

    /// <summary>Asks for a secret without echo; null where there is no terminal to ask on.</summary>
    public required Func<string, string?>? AskSecret { get; init; }

    /// <summary>A person is there to answer.</summary>
    public bool CanAsk => AskSecret is not null;

    /// <summary>The key that was pressed since, without waiting; null: none, or there is no keyboard.</summary>
    public Func<char?> PressedKey { get; init; } = static () => null;

    /// <summary>The columns of the terminal; null: as many as it is found to have.</summary>
    public int? Columns { get; init; }

    /// <summary>Signals of the process cancel the command. Not so in tests, which share a process.</summary>
    public bool HearsSignals { get; init; }

    public required IDictionary Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Standard output for the content of a file.</summary>
    public Func<Stream> OpenOut { get; init; } = Console.OpenStandardOutput;

    /// <summary>Where a command says things: nothing else writes to <see cref="Out"/> and <see cref="Error"/>.</summary>
    public Terminal Terminal => new(Out, Error, OutIsTerminal, Columns);

    public static Shell OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        OutIsTerminal = !Console.IsOutputRedirected,
        AskSecret = Console.IsInputRedirected ? null : AskOnTerminal,
        PressedKey = static () => !Console.IsInputRedirected && Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null,
        HearsSignals = true,
        Environment = System.Environment.GetEnvironmentVariables(),
    };

    /// <summary>Asks on stderr, and waits for a key: true when it is y.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancel)
    {
        const int Interval = 50;
        Terminal.SayProgress($"{question} [y/N] ");
        char? key = null;
        try
        {
            while ((key = PressedKey()) is null) await Task.Delay(Interval, cancel);
            return key is 'y' or 'Y';
        }
        finally
        {
            Error.WriteLine(key is null ? "" : key is 'y' or 'Y' ? "y" : "n");
        }
    }

    /// <summary>The columns of the terminal; null: output goes elsewhere.</summary>
    internal static int? WidthOf(Shell shell) => shell.OutIsTerminal ? shell.Columns ?? shell.Terminal.Console.Profile.Width : null;

    /// <summary>One line on stderr that says what is wrong.</summary>
    public void Complain(string text) => Terminal.Complain(text);

    private static string? AskOnTerminal(string question)
    {
        Console.Error.Write(VisibleText.Escape(question));
        try
        {
            // As a signal it would be heard only after the line.
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
