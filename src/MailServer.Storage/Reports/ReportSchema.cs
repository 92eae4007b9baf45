using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Reports;

/// <summary>The tables of <c>reports.db</c> and their migrations. Days are counted from 0001-01-01; times are in seconds of Unix time.</summary>
internal static class ReportSchema
{
    internal static readonly string[] Steps =
    [
        """
        CREATE TABLE observed (
            id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, day INTEGER NOT NULL, domain TEXT NOT NULL, row TEXT NOT NULL, count INTEGER NOT NULL,
            UNIQUE (kind, day, domain, row));
        CREATE TABLE policies (day INTEGER NOT NULL, domain TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (day, domain)) WITHOUT ROWID;
        CREATE TABLE sent (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, day INTEGER NOT NULL, domain TEXT NOT NULL, messages INTEGER NOT NULL,
            report_id TEXT NOT NULL, until INTEGER NOT NULL, at INTEGER NOT NULL, destinations TEXT NOT NULL, outcome TEXT NOT NULL);
        CREATE INDEX sent_domain ON sent (kind, day, domain);
        CREATE TABLE received (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, at INTEGER NOT NULL, domain TEXT NOT NULL, organization TEXT NOT NULL,
            report_id TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, messages INTEGER NOT NULL, failures INTEGER NOT NULL,
            sender TEXT NOT NULL, size INTEGER NOT NULL, UNIQUE (kind, organization, report_id, domain));
        CREATE TABLE documents (id INTEGER PRIMARY KEY, document BLOB NOT NULL);
        """,
    ];

    public static void Migrate(SqliteDatabase database) => database.Migrate("reports.db", Steps);
}
