using System.Diagnostics.CodeAnalysis;
using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>Writes the log to standard output, standard error, or another open stream.</summary>
internal sealed class LogStream(string name, AppendOnlyFile stream) : ILogDestination
{
    private int _written;

    public string Name => name;

    public string? Problem => null;

    public static LogStream Standard(string name) => new(name, AppendOnlyFile.Standard(name == "stderr" ? 2 : 1));

    public bool TryWrite(ReadOnlySpan<byte> line, [NotNullWhen(false)] out Exception? failure)
    {
        _written += stream.Write(line[_written..], out var failed);
        failure = failed;
        if (failed is null) _written = 0;
        return failed is null;
    }

    public void Reopen()
    {
        // A stream cannot be reopened.
    }

    public void Dispose() => stream.Dispose();
}
