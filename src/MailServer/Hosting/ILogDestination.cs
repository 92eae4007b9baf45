using System.Diagnostics.CodeAnalysis;

namespace MailServer.Hosting;

/// <summary>Where the lines of the log go. Used by one thread alone.</summary>
internal interface ILogDestination : IDisposable
{
    /// <summary>What an administrator calls it: <c>stdout</c>, <c>stderr</c>, or the path of a file.</summary>
    string Name { get; }

    /// <summary>What does not work although lines are written; null: nothing.</summary>
    string? Trouble { get; }

    /// <summary>
    /// Writes a whole line, and waits while a stream takes nothing. After a failure it is called again with the same line, and goes on where it had
    /// stopped.
    /// </summary>
    bool TryWrite(ReadOnlySpan<byte> line, [NotNullWhen(false)] out Exception? failure);

    /// <summary>Lets the next write open the file again; does nothing for streams.</summary>
    void Reopen();
}
