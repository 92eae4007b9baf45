namespace MailServer.Protocol.Sieve.Running;

/// <summary>What a run decided.</summary>
/// <param name="Actions">The actions in order, with the implicit keep at the end if it stands. After an error, only the implicit keep.</param>
/// <param name="Error">The runtime error; null if there was none.</param>
/// <param name="ErrorLine">The line of the command that failed; 0 without an error.</param>
/// <param name="ErrorScript">The included script that failed; null for the script itself, or without an error.</param>
/// <param name="Remarks">What the account may want to know: actions that had no effect and why.</param>
/// <param name="Trace">Every test and action; empty unless it was asked for.</param>
public sealed record SieveOutcome(
    IReadOnlyList<SieveAction> Actions, string? Error, int ErrorLine, string? ErrorScript, IReadOnlyList<string> Remarks, IReadOnlyList<SieveTraceEntry> Trace);

/// <summary>A test or an action of a run.</summary>
/// <param name="Script">The included script; null for the script itself.</param>
/// <param name="Line">The line in its script.</param>
/// <param name="What">The command or test.</param>
/// <param name="Result">The result of a test; null for a command.</param>
public sealed record SieveTraceEntry(string? Script, int Line, string What, bool? Result);
