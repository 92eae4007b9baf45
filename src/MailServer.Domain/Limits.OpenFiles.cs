namespace MailServer.Domain;

// Bounds that depend on the number of files that the process may open. Sockets count as files.
public sealed partial record Limits
{
    /// <summary>Number of open files reserved for the runtime with its libraries (about 330 on an idle server), databases of the node, listeners, logs and DNS.</summary>
    private const int ReservedOpenFiles = 512;

    /// <summary>The number of open files with which the server starts.</summary>
    public const int MinOpenFiles = 1024;

    /// <summary>Maximum number of account databases (<c>index.db</c>, <c>dav.db</c>) open at once. A <c>search.db</c> is open for seconds only, and not counted. Near it idle ones are closed; a further account is unavailable while all are busy.</summary>
    public int OpenStores { get; init; } = 20_000;

    /// <summary>Maximum number of message files kept open for readers. Beyond that the one opened first is closed, and opened again when it is read.</summary>
    public int OpenContents { get; init; } = 4_096;

    /// <summary>
    /// Returns these limits, lowered so that everything that clients can make the server open fits into <paramref name="openFiles"/>. A process that
    /// cannot open another file fails in unforeseen places, because the runtime also opens libraries when they are first used.
    /// </summary>
    /// <param name="openFiles">The limit of the process; null when it is unknown.</param>
    public Limits Within(long? openFiles)
    {
        if (openFiles is not { } most) return this;
        var eighth = (int)Math.Min(Math.Max(most - ReservedOpenFiles, 8) / 8, int.MaxValue / 8);
        return this with
        {
            // Two each: a socket, and the file of a message or upload that is arriving.
            Connections = Math.Min(Connections, eighth * 2),
            // Two each: the database and its log.
            OpenStores = Math.Min(OpenStores, eighth),
            OpenContents = Math.Min(OpenContents, eighth - (eighth / 4)),
            // A connection can carry many requests at once (HTTP/2).
            RequestBodyFiles = Math.Min(RequestBodyFiles, Math.Max(1, eighth / 4)),
            // Two each: a socket, and the message that is sent.
            OutboundConnections = Math.Min(OutboundConnections, Math.Max(1, eighth / 2)),
        };
    }
}
