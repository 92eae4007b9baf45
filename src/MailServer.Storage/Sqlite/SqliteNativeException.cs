using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>An error of SQLite, with its result code and message.</summary>
public sealed class SqliteNativeException : IOException
{
    public SqliteNativeException() { }

    public SqliteNativeException(string message) : base(message) { }

    public SqliteNativeException(string message, Exception innerException) : base(message, innerException) { }

    internal SqliteNativeException(int code, string message) : base($"SQLite: {message} ({code})")
    {
        Code = code & 0xFF;
        Kind = SqliteFault.Of(code, message);
    }

    /// <summary>The primary result code (<c>SQLITE_FULL</c>, <c>SQLITE_CORRUPT</c>, ...).</summary>
    public int Code { get; }

    /// <summary>True if the database is locked by another process.</summary>
    public bool IsLocked => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>True if the file is damaged or not a database.</summary>
    public bool IsCorrupt => Kind == SqliteFaultKind.Damage;

    /// <summary>What the error says about the file.</summary>
    public SqliteFaultKind Kind { get; }
}
