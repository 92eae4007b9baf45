namespace MailServer.Storage.Health;

/// <summary>A database file is damaged, or is empty or missing although it had content, and cannot be replaced without losing data.</summary>
public sealed class DamagedStoreException : IOException
{
    public DamagedStoreException() { }

    public DamagedStoreException(string message) : base(message) { }

    public DamagedStoreException(string message, Exception innerException) : base(message, innerException) { }
}
