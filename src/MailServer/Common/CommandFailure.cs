namespace MailServer.Common;

/// <summary>A command that cannot do what it was asked; the message is the one line that the user reads.</summary>
internal class CommandFailure(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Nobody answers on the admin socket.</summary>
internal sealed class ServerUnreachableException(string message) : CommandFailure(message);

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>The node ended although nobody asked for it, as when the other nodes went on without it (sysexits' EX_TEMPFAIL): start it again.</summary>
    public const int StartAgain = 75;

    /// <summary>Ended by Ctrl-C, as shells report it: 128 and the number of the signal.</summary>
    public const int Interrupted = 130;

    /// <summary>The configuration cannot be used (sysexits' EX_CONFIG): starting again changes nothing.</summary>
    public const int Configuration = 78;
}
