using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Health;

/// <summary>A failure of a database.</summary>
/// <param name="Reason">The message of SQLite or the file system.</param>
/// <param name="IsDamage">True if the file is damaged, false if it cannot currently be read or written.</param>
internal readonly record struct StoreFailure(string Reason, bool IsDamage)
{
    /// <summary>Classifies an exception; null if it is not a failure of the database, or the database is only busy.</summary>
    public static StoreFailure? Of(Exception e) => e switch
    {
        SqliteNativeException { IsLocked: false } failure => new StoreFailure(failure.Message, failure.IsCorrupt),
        SqliteException sqlite when sqlite.SqliteErrorCode is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) =>
            new StoreFailure(sqlite.Message, SqliteNativeException.IsDamage(sqlite.SqliteExtendedErrorCode, sqlite.Message)),
        DamagedStoreException damaged => new StoreFailure(damaged.Message, IsDamage: true),
        UnauthorizedAccessException or IOException and not SqliteNativeException => new StoreFailure(e.Message, IsDamage: false),
        _ => null,
    };
}
