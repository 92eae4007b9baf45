using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The tables of <c>index.db</c> and the steps from each version to the next. A message's key is its folder's id in the upper 32 bits and
/// its UID in the lower, so that a folder is one range of rows.
/// </summary>
internal static class IndexSchema
{
    internal static readonly string[] Steps =
    [
        """
        CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO state VALUES ('clean', 1);
        CREATE TABLE folders (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, uidvalidity INTEGER NOT NULL, role INTEGER NOT NULL,
            uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL, recent_from INTEGER NOT NULL, flushed_modseq INTEGER NOT NULL,
            messages INTEGER NOT NULL, unseen INTEGER NOT NULL, deleted INTEGER NOT NULL, size INTEGER NOT NULL, cur_time INTEGER NOT NULL);
        CREATE TABLE messages (
            key INTEGER PRIMARY KEY, flags INTEGER NOT NULL, modseq INTEGER NOT NULL, date INTEGER NOT NULL, zone INTEGER NOT NULL,
            size INTEGER NOT NULL, sent_day INTEGER NOT NULL, saved INTEGER NOT NULL, keywords TEXT, base TEXT NOT NULL);
        CREATE INDEX messages_base ON messages (base);
        CREATE TABLE message_cache (
            key INTEGER PRIMARY KEY, version INTEGER NOT NULL, envelope BLOB, body_structure BLOB, headers BLOB, parts BLOB);
        CREATE TABLE expunged (key INTEGER PRIMARY KEY, modseq INTEGER NOT NULL, base TEXT NOT NULL);
        """,
        // named: the flag letters in the file's name while they differ from the flags; folders.flushed_modseq is no longer used.
        """
        ALTER TABLE messages ADD COLUMN named TEXT;
        """,
    ];

    public static void Migrate(SqliteDatabase database) => database.Migrate("index.db", Steps);
}
