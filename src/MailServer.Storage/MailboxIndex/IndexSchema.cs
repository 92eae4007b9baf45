using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The tables of <c>index.db</c> and their migrations. The key of a message has the folder id in the
/// upper 32 bits and the UID in the lower ones, so that the messages of a folder are one range of rows.
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
        // named: the flag letters in the file name while they do not match the flags. folders.flushed_modseq holds FolderRow.HistoryFrom; versions that did not use it wrote 0.
        """
        ALTER TABLE messages ADD COLUMN named TEXT;
        """,
        // preview: the beginning of the text; NULL until a client requests it.
        """
        ALTER TABLE message_cache ADD COLUMN preview TEXT;
        """,
        // What the account's scripts remember, until it expires: messages seen, people who got an automatic reply, deliveries that are complete.
        """
        CREATE TABLE marks (key TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX marks_expires ON marks (expires);
        """,
    ];

    public static void Migrate(SqliteDatabase database) => database.Migrate("index.db", Steps);
}
