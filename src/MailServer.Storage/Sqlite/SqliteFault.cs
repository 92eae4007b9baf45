using System.Collections.Frozen;
using SQLitePCL;
using Kind = MailServer.Storage.Sqlite.SqliteFaultKind;

namespace MailServer.Storage.Sqlite;

/// <summary>The only place that decides what a result code of SQLite (https://sqlite.org/rescode.html) means, above all which ones mean damage.</summary>
internal static class SqliteFault
{
    private const int Primary = 0xFF;

    /// <summary>All primary result codes that are errors.</summary>
    internal static readonly FrozenDictionary<int, Kind> OfPrimary = new Dictionary<int, Kind>
    {
        [raw.SQLITE_ERROR] = Kind.Other,
        [raw.SQLITE_INTERNAL] = Kind.Other,
        [raw.SQLITE_PERM] = Kind.NotAccessible,
        [raw.SQLITE_ABORT] = Kind.Other,
        [raw.SQLITE_BUSY] = Kind.Busy,
        [raw.SQLITE_LOCKED] = Kind.Busy,
        [raw.SQLITE_NOMEM] = Kind.Memory,
        [raw.SQLITE_READONLY] = Kind.NotAccessible,
        [raw.SQLITE_INTERRUPT] = Kind.Other,
        [raw.SQLITE_IOERR] = Kind.Device,
        [raw.SQLITE_CORRUPT] = Kind.Damage,
        [raw.SQLITE_NOTFOUND] = Kind.Other,
        [raw.SQLITE_FULL] = Kind.DiskFull,
        [raw.SQLITE_CANTOPEN] = Kind.NotAccessible,
        [raw.SQLITE_PROTOCOL] = Kind.Busy,
        [raw.SQLITE_EMPTY] = Kind.Other,
        [raw.SQLITE_SCHEMA] = Kind.Other,
        [raw.SQLITE_TOOBIG] = Kind.Other,
        [raw.SQLITE_CONSTRAINT] = Kind.Other,
        [raw.SQLITE_MISMATCH] = Kind.Other,
        [raw.SQLITE_MISUSE] = Kind.Other,
        [raw.SQLITE_NOLFS] = Kind.NotAccessible,
        [raw.SQLITE_AUTH] = Kind.NotAccessible,
        [raw.SQLITE_FORMAT] = Kind.Other,
        [raw.SQLITE_RANGE] = Kind.Other,
        [raw.SQLITE_NOTADB] = Kind.Damage,
    }.ToFrozenDictionary();

    /// <summary>Extended result codes that mean something else than their primary code.</summary>
    internal static readonly FrozenDictionary<int, Kind> OfExtended = new Dictionary<int, Kind>
    {
        [Extended(raw.SQLITE_IOERR, 2)] = Kind.Damage, // SHORT_READ: a truncated file
        [Extended(raw.SQLITE_IOERR, 12)] = Kind.Memory, // NOMEM
        [Extended(raw.SQLITE_IOERR, 13)] = Kind.NotAccessible, // ACCESS
        [Extended(raw.SQLITE_IOERR, 11)] = Kind.Busy, // BLOCKED
        [Extended(raw.SQLITE_IOERR, 14)] = Kind.Busy, // CHECKRESERVEDLOCK
        [Extended(raw.SQLITE_IOERR, 15)] = Kind.Busy, // LOCK
        [Extended(raw.SQLITE_IOERR, 20)] = Kind.Busy, // SHMLOCK
        [Extended(raw.SQLITE_IOERR, 3)] = Kind.DiskFull, // WRITE: also a quota of the file system
        [Extended(raw.SQLITE_IOERR, 18)] = Kind.NotAccessible, // SHMOPEN
        [Extended(raw.SQLITE_IOERR, 19)] = Kind.DiskFull, // SHMSIZE: the shared memory beside the file cannot grow
        [Extended(raw.SQLITE_IOERR, 21)] = Kind.DiskFull, // SHMMAP
        [Extended(raw.SQLITE_IOERR, 25)] = Kind.NotAccessible, // GETTEMPPATH
        [Extended(raw.SQLITE_IOERR, 26)] = Kind.NotAccessible, // CONVPATH
        [Extended(raw.SQLITE_IOERR, 28)] = Kind.NotAccessible, // AUTH
        [Extended(raw.SQLITE_IOERR, 32)] = Kind.Damage, // DATA: a wrong checksum
    }.ToFrozenDictionary();

    /// <param name="code">The primary or extended result code.</param>
    /// <param name="message">The message: an emptied file has no tables, for which there is no code.</param>
    public static Kind Of(int code, string message = "")
    {
        if (OfExtended.TryGetValue(code, out var extended)) return extended;
        if ((code & Primary) == raw.SQLITE_ERROR && message.Contains("no such table", StringComparison.Ordinal)) return Kind.Damage;
        return OfPrimary.GetValueOrDefault(code & Primary, Kind.Other);
    }

    internal static int Extended(int primary, int number) => primary | (number << 8);
}
