using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Health;

/// <summary>Why a database could not do its work.</summary>
/// <param name="Reason">In SQLite's words.</param>
/// <param name="IsDamage">The file itself is damaged; else it cannot be written or read now.</param>
internal readonly record struct StoreFailure(string Reason, bool IsDamage)
{
    /// <summary>Null when the failure is none of the database, or when the database is only busy.</summary>
    public static StoreFailure? Of(Exception e) => e switch
    {
        SqliteFailure { IsLocked: false } failure => new StoreFailure(failure.Message, failure.IsCorrupt),
        SqliteException sqlite when sqlite.SqliteErrorCode is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) =>
            new StoreFailure(sqlite.Message, SqliteFailure.IsDamage(sqlite.SqliteExtendedErrorCode, sqlite.Message)),
        DamagedStoreException damaged => new StoreFailure(damaged.Message, IsDamage: true),
        UnauthorizedAccessException or IOException and not SqliteFailure => new StoreFailure(e.Message, IsDamage: false),
        _ => null,
    };
}
