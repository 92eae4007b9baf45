using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>SQLite refused or failed: its result code and its own words.</summary>
public sealed class SqliteFailure : IOException
{
    public SqliteFailure() { }

    public SqliteFailure(string message) : base(message) { }

    public SqliteFailure(string message, Exception innerException) : base(message, innerException) { }

    internal SqliteFailure(int code, string message) : base($"SQLite: {message} ({code})") => Code = code & 0xFF;

    /// <summary>The primary result code (<c>SQLITE_FULL</c>, <c>SQLITE_CORRUPT</c>, ...).</summary>
    public int Code { get; }

    /// <summary>Another process has the database open.</summary>
    public bool IsLocked => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The file is damaged or no database at all.</summary>
    public bool IsCorrupt => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;
}
