namespace MailServer.Actors.Queue;

/// <summary>The queue, or a part of it, cannot answer because its journal cannot be read or written.</summary>
public sealed class QueueUnavailableException : IOException
{
    public QueueUnavailableException() { }

    public QueueUnavailableException(string message) : base(message) { }

    public QueueUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}
