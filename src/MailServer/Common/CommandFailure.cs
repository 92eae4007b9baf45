namespace MailServer.Common;

/// <summary>A command failed. The message is the one line printed on standard error.</summary>
internal class CommandFailure(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>No server answers on the admin socket.</summary>
internal sealed class ServerUnreachableException(string message) : CommandFailure(message);

/// <summary>Nobody reads the output any more, as after <c>| head</c>. No message is printed.</summary>
internal sealed class OutputClosedException() : CommandFailure("standard output is closed", ExitCodes.OutputClosed);

/// <summary>The exit codes of the process.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>The node stopped without a stop request, for example because the cluster removed it (EX_TEMPFAIL of sysexits): systemd restarts it.</summary>
    public const int Restart = 75;

    /// <summary>Interrupted by Ctrl-C: 128 plus the signal number, as shells report it.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of standard output has gone away: 128 plus the number of SIGPIPE, as shells report it.</summary>
    public const int OutputClosed = 141;

    /// <summary>The configuration is invalid (EX_CONFIG of sysexits): a restart does not help.</summary>
    public const int Configuration = 78;
}
