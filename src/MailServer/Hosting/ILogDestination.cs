using System.Diagnostics.CodeAnalysis;

namespace MailServer.Hosting;

/// <summary>The destination of log lines. Not thread-safe.</summary>
internal interface ILogDestination : IDisposable
{
    /// <summary>Its name for administrators: <c>stdout</c>, <c>stderr</c>, or the path of a file.</summary>
    string Name { get; }

    /// <summary>A problem that does not prevent writing, such as a failed rotation; null if there is none.</summary>
    string? Problem { get; }

    /// <summary>
    /// Writes a line; blocks while a stream is full. After a failure, calling it again with the same line continues where it stopped.
    /// </summary>
    bool TryWrite(ReadOnlySpan<byte> line, [NotNullWhen(false)] out Exception? failure);

    /// <summary>Makes the next write reopen the file; does nothing for streams.</summary>
    void Reopen();
}
