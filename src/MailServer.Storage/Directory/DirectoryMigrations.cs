using MailServer.Domain.Accounts;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>The schema of mail.db as numbered migrations; <c>PRAGMA user_version</c> contains the number applied.</summary>
internal static class DirectoryMigrations
{
    // Ids are AUTOINCREMENT so that they are never reused: otherwise a new account could read the mail of a removed one.
    internal static readonly string[] Steps =
    [
        """
        CREATE TABLE domains (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE accounts (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          domain_id INTEGER NOT NULL REFERENCES domains (id),
          address TEXT NOT NULL,
          address_key TEXT NOT NULL UNIQUE,
          enabled INTEGER NOT NULL DEFAULT 1,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX accounts_by_domain ON accounts (domain_id, id);
        CREATE TABLE credentials (
          account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
          password_hash TEXT NOT NULL,
          scram_salt BLOB NOT NULL,
          scram_iterations INTEGER NOT NULL,
          scram_stored_key BLOB NOT NULL,
          scram_server_key BLOB NOT NULL
        ) STRICT;
        -- One row for each target. address_key is '@domain' for a catch-all; target_base is the target's key without its subaddress.
        CREATE TABLE aliases (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
          address TEXT NOT NULL,
          address_key TEXT NOT NULL,
          target TEXT NOT NULL,
          target_key TEXT NOT NULL,
          target_base TEXT NOT NULL,
          UNIQUE (address_key, target_key)
        ) STRICT;
        CREATE INDEX aliases_by_domain ON aliases (domain_id);
        CREATE INDEX aliases_by_target ON aliases (target_key);
        CREATE INDEX aliases_by_target_base ON aliases (target_base);
        """,
        """
        ALTER TABLE credentials ADD COLUMN app_passwords_only INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE credentials ADD COLUMN totp_key BLOB;
        ALTER TABLE credentials ADD COLUMN totp_last_step INTEGER NOT NULL DEFAULT 0;
        -- digest: one round of SHA-256 over 128 random bits, see AppPasswordSecret. last_used_at is true to the hour.
        CREATE TABLE app_passwords (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
          name TEXT NOT NULL,
          scope INTEGER NOT NULL,
          digest BLOB NOT NULL,
          created_at INTEGER NOT NULL,
          last_used_at INTEGER,
          UNIQUE (account_id, name)
        ) STRICT;
        """,
        "ALTER TABLE accounts ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0",
        // Quotas in octets. Account: NULL is the domain default, 0 is no limit. Domain: NULL is no limit.
        "ALTER TABLE domains ADD COLUMN quota INTEGER; ALTER TABLE accounts ADD COLUMN quota INTEGER",
        // The SHA-256 digests of the unused recovery codes, one after the other.
        "ALTER TABLE credentials ADD COLUMN recovery_codes BLOB",
        // networks: addresses and networks with commas between them; empty for everywhere.
        "ALTER TABLE app_passwords ADD COLUMN expires_at INTEGER; ALTER TABLE app_passwords ADD COLUMN networks TEXT NOT NULL DEFAULT ''",
        // The rows of an alias have the same values.
        "ALTER TABLE aliases ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1; ALTER TABLE aliases ADD COLUMN comment TEXT NOT NULL DEFAULT ''",
        // digest: one round of SHA-256 over 256 random bits, see InvitationSecret.
        """
        CREATE TABLE invitations (
          account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
          digest BLOB NOT NULL UNIQUE,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          used_at INTEGER
        ) STRICT;
        """,
        // mta_sts: none, testing or enforce; NULL is the mode of the server.
        "ALTER TABLE domains ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1; ALTER TABLE domains ADD COLUMN mta_sts TEXT; ALTER TABLE domains ADD COLUMN comment TEXT NOT NULL DEFAULT ''",
        // alias_of: the name of the domain that gets the mail. posting: 0 members, 1 anyone, 2 the owner.
        """
        ALTER TABLE domains ADD COLUMN alias_of TEXT;
        ALTER TABLE aliases ADD COLUMN is_pattern INTEGER NOT NULL DEFAULT 0;
        UPDATE aliases SET is_pattern = 1 WHERE address_key LIKE '%*%';
        CREATE INDEX aliases_by_pattern ON aliases (domain_id) WHERE is_pattern = 1;
        CREATE TABLE lists (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
          address TEXT NOT NULL,
          address_key TEXT NOT NULL UNIQUE,
          owner TEXT NOT NULL,
          owner_key TEXT NOT NULL,
          name TEXT NOT NULL DEFAULT '',
          posting INTEGER NOT NULL DEFAULT 0,
          replies_to_list INTEGER NOT NULL DEFAULT 0,
          enabled INTEGER NOT NULL DEFAULT 1,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX lists_by_domain ON lists (domain_id);
        CREATE TABLE list_members (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          list_id INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
          address TEXT NOT NULL,
          address_key TEXT NOT NULL,
          UNIQUE (list_id, address_key)
        ) STRICT;
        CREATE INDEX list_members_by_address ON list_members (address_key);
        """,
        // is_shared: a mailbox that belongs to nobody; it has no credentials. shares: who may share mail folders with whom; guest 0 is everybody. Only a hint: the rights are with the folders.
        """
        ALTER TABLE accounts ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE shares (
          owner_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
          guest_id INTEGER NOT NULL,
          PRIMARY KEY (guest_id, owner_id)
        ) STRICT;
        CREATE INDEX shares_by_owner ON shares (owner_id);
        """,
    ];

    /// <summary>Applies the missing migrations and returns their number. Rejects a database of a newer version.</summary>
    public static int Apply(SqliteConnection connection, string path)
    {
        if (Version(connection) == Steps.Length) return 0;
        using var transaction = connection.BeginTransaction(deferred: false);
        var done = Version(connection); // Checked again inside the transaction, because another process may have migrated.
        if (done > Steps.Length) throw new DirectoryException(DirectoryRefusal.DatabaseNewer, path);
        foreach (var step in Steps.AsSpan(done)) connection.Execute(step);
        connection.Execute($"PRAGMA user_version = {Steps.Length}");
        transaction.Commit();
        return Steps.Length - done;
    }

    private static int Version(SqliteConnection connection) => (int)connection.ReadScalar("PRAGMA user_version");
}
