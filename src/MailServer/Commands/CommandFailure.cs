namespace MailServer.Commands;

/// <summary>A command that cannot do what it was asked; the message is the one line that the user reads.</summary>
internal sealed class CommandFailure(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>The other nodes went on without this one (sysexits' EX_TEMPFAIL): start it anew.</summary>
    public const int Removed = 75;
}
