namespace MailServer.Storage.Sqlite;

/// <summary>Another process (or this one, twice) has the store open: one owner per account is what keeps it whole.</summary>
public sealed class StoreInUseException : IOException
{
    public StoreInUseException() { }

    public StoreInUseException(string message) : base(message) { }

    /// <summary>A command holds it, which ends by itself; a server goes on.</summary>
    public bool IsHeldByCommand { get; init; }

    public StoreInUseException(string message, Exception innerException) : base(message, innerException) { }
}
