using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>
/// The tables of <c>dav.db</c> and their migrations. Bodies are stored apart from the descriptions of resources, so
/// that listings do not read them. The owner of a property is the id of a collection, or the negated id of a resource.
/// </summary>
internal static class CollectionSchema
{
    internal static readonly string[] Steps =
    [
        """
        CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO state VALUES ('modseq', 1);
        CREATE TABLE collections (
            id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, space INTEGER NOT NULL,
            components INTEGER NOT NULL, created INTEGER NOT NULL, modseq INTEGER NOT NULL, forgotten INTEGER NOT NULL, UNIQUE (parent, name));
        CREATE TABLE resources (
            id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
            type TEXT NOT NULL, component INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, modseq INTEGER NOT NULL,
            uid TEXT, first INTEGER NOT NULL, last INTEGER NOT NULL);
        CREATE UNIQUE INDEX resources_name ON resources (collection, name);
        CREATE UNIQUE INDEX resources_uid ON resources (collection, uid) WHERE uid IS NOT NULL;
        CREATE INDEX resources_modseq ON resources (collection, modseq);
        CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE removed (collection INTEGER NOT NULL, name TEXT NOT NULL, modseq INTEGER NOT NULL, PRIMARY KEY (collection, name)) WITHOUT ROWID;
        CREATE INDEX removed_modseq ON removed (collection, modseq);
        CREATE TABLE properties (owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;
        CREATE TABLE locks (
            token TEXT PRIMARY KEY, space INTEGER NOT NULL, path TEXT NOT NULL, exclusive INTEGER NOT NULL, deep INTEGER NOT NULL,
            owner TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
        """,
        // Listings continue after an id. The other indexes of a collection have a different order, so each page would need sorting.
        "CREATE INDEX resources_collection ON resources (collection); CREATE TABLE instances (id INTEGER PRIMARY KEY, times BLOB NOT NULL)",
        """
        CREATE TABLE grants (
            collection INTEGER NOT NULL, account INTEGER NOT NULL, address TEXT NOT NULL, access INTEGER NOT NULL, declined INTEGER NOT NULL,
            summary TEXT NOT NULL, PRIMARY KEY (collection, account)) WITHOUT ROWID;
        CREATE TABLE mounts (
            collection INTEGER PRIMARY KEY, owner INTEGER NOT NULL, address TEXT NOT NULL, space INTEGER NOT NULL, target TEXT NOT NULL,
            target_id INTEGER NOT NULL, access INTEGER NOT NULL, invitation TEXT NOT NULL, invited INTEGER NOT NULL, summary TEXT NOT NULL, news INTEGER NOT NULL);
        CREATE TABLE subscriptions (
            id TEXT PRIMARY KEY, collection INTEGER NOT NULL, account INTEGER NOT NULL, resource TEXT NOT NULL, public_key BLOB NOT NULL, auth_secret BLOB NOT NULL,
            content INTEGER NOT NULL, properties INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE attachment_uses (attachment TEXT NOT NULL, resource INTEGER NOT NULL, PRIMARY KEY (attachment, resource)) WITHOUT ROWID;
        CREATE INDEX attachment_uses_resource ON attachment_uses (resource);
        CREATE TABLE birthdays (contact INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE INDEX birthdays_name ON birthdays (name);
        CREATE TABLE links (secret TEXT PRIMARY KEY, collection INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
        """,
        SchedulingObjectTable.Schema + SchedulingQueueTable.Schema,
        // The account that created the lock; 0 for the owner of the collections.
        "ALTER TABLE locks ADD COLUMN visitor INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE notices (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event INTEGER NOT NULL, at INTEGER NOT NULL, other TEXT NOT NULL,
            space INTEGER NOT NULL, target TEXT NOT NULL, access INTEGER NOT NULL, invitation TEXT NOT NULL, summary TEXT NOT NULL);
        """,
    ];

    public static void Migrate(SqliteDatabase database) => database.Migrate("dav.db", Steps);
}
