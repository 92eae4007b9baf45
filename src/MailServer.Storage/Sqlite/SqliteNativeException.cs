using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>An error of SQLite, with its result code and message.</summary>
public sealed class SqliteNativeException : IOException
{
    private const int ShortRead = 522; // SQLITE_IOERR_SHORT_READ

    public SqliteNativeException() { }

    public SqliteNativeException(string message) : base(message) { }

    public SqliteNativeException(string message, Exception innerException) : base(message, innerException) { }

    internal SqliteNativeException(int code, string message) : base($"SQLite: {message} ({code})")
    {
        Code = code & 0xFF;
        IsCorrupt = IsDamage(code, message);
    }

    /// <summary>The primary result code (<c>SQLITE_FULL</c>, <c>SQLITE_CORRUPT</c>, ...).</summary>
    public int Code { get; }

    /// <summary>True if the database is locked by another process.</summary>
    public bool IsLocked => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>True if the file is damaged or not a database.</summary>
    public bool IsCorrupt { get; }

    /// <summary>True if a result indicates a damaged file. An emptied or truncated file produces missing tables or short reads.</summary>
    internal static bool IsDamage(int code, string message) =>
        (code & 0xFF) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB || code == ShortRead
        || ((code & 0xFF) == raw.SQLITE_ERROR && message.Contains("no such table", StringComparison.Ordinal));
}
