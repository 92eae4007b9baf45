namespace MailServer.Storage.Sqlite;

/// <summary>Another process, or this one, already has the store open. Each store has a single owner.</summary>
public sealed class StoreInUseException : IOException
{
    public StoreInUseException() { }

    public StoreInUseException(string message) : base(message) { }

    /// <summary>True if a short-running command holds the store, false for a server.</summary>
    public bool IsHeldByCommand { get; init; }

    public StoreInUseException(string message, Exception innerException) : base(message, innerException) { }
}
