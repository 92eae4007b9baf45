using System.Security.Cryptography;
using System.Text;
using MailServer.Storage.Access;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.History;
using MailServer.Storage.Journal;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.MtaSts;
using MailServer.Storage.Reports;
using MailServer.Storage.Sqlite;
using MailServer.Storage.Tracing;
using MailServer.Storage.Trust;

namespace MailServer.Storage.Tests.Sqlite;

/// <summary>Databases of every earlier version, created by the migration steps of that time, and opened with the current version.</summary>
public sealed class OlderSchemaTests : IDisposable
{
    private static readonly Dictionary<string, string[]> Schemas = new()
    {
        ["mail.db"] = DirectoryMigrations.Steps,
        ["index.db"] = IndexSchema.Steps,
        ["dav.db"] = CollectionSchema.Steps,
        ["reports.db"] = ReportSchema.Steps,
        ["access.db"] = AccessTables.Steps,
        // Only one version exists so far.
        ["trust.db"] = [TrustTables.Schema],
        ["trace.db"] = [TraceTables.Schema],
        ["mta-sts.db"] = [MtaStsTable.Schema],
        ["history.db"] = [HistoryTable.Schema],
        ["journal.db"] = [JournalTables.File],
    };

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("schema-").FullName;

    public static TheoryData<string, int> EveryVersion
    {
        get
        {
            var versions = new TheoryData<string, int>();
            foreach (var (name, steps) in Schemas.Where(static s => HasSteps(s.Key)))
                for (var version = 1; version <= steps.Length; version++) versions.Add(name, version);
            return versions;
        }
    }

    [Theory]
    [MemberData(nameof(EveryVersion))]
    public void A_database_of_any_version_is_upgraded_and_keeps_every_row(string name, int version)
    {
        using var database = OpenAt(name, version);
        var tables = TablesOf(database);
        database.Execute("PRAGMA foreign_keys = OFF");
        foreach (var table in tables) Fill(database, table);
        database.Execute("PRAGMA foreign_keys = ON");
        var before = tables.ToDictionary(table => table.Name, table => RowsOf(database, table));
        database.Migrate(name, Schemas[name]);
        foreach (var table in tables) Assert.Equal(before[table.Name], RowsOf(database, table));
        Assert.Equal(Schemas[name].Length, database.Scalar("PRAGMA user_version"));

        using var fresh = OpenAt("fresh-" + name, Schemas[name].Length, Schemas[name]);
        Assert.Equal(ShapeOf(fresh), ShapeOf(database));
    }

    [Theory]
    [MemberData(nameof(EveryVersion))]
    public void A_database_of_a_newer_program_is_refused_and_unchanged(string name, int version)
    {
        using var database = OpenAt(name, version);
        database.Execute("PRAGMA user_version = 1000");
        var shape = ShapeOf(database);
        Assert.Contains("newer", Assert.Throws<InvalidDataException>(() => database.Migrate(name, Schemas[name])).Message, StringComparison.Ordinal);
        Assert.Equal(shape, ShapeOf(database));
    }

    /// <summary>Upgraded servers have run the released steps: a change needs a new step. Add the digest of a new step here; never change one.</summary>
    [Theory]
    [InlineData("mail.db", "813b77f6ee1f 4e69e85d4732 9627ec760bb8 588e1d7417c6 bf681d390e97 78c6d56bc9f0 89558eabc7f1 f4ce7db91c93 bff37718e1e7 877c8c477689 3432cbdc209d")]
    [InlineData("index.db", "a3d9df125eda feae7ffe772b 0324a9e5fb17 292db54b5146")]
    [InlineData("dav.db", "6cf4247ae3de 274b63cc37b6 0b4a265e70bf b786a903ce95 85345c524d5d 0bf3d49f719e")]
    [InlineData("reports.db", "6c5c28d7660d")]
    [InlineData("access.db", "2bded4773215 c54146e8ba20 48c69a2a71f8 ec29736e7f95 28fb41857197")]
    [InlineData("trust.db", "fa9dc9799d6c")]
    [InlineData("trace.db", "914fc02eeb4f")]
    [InlineData("mta-sts.db", "2b47480fb645")]
    [InlineData("history.db", "0585f2796ae2")]
    [InlineData("journal.db", "bd136182cbd7")]
    public void Released_migration_steps_are_never_edited(string name, string digests) =>
        Assert.Equal(digests, string.Join(' ', Schemas[name].Select(DigestOf)));

    [Fact]
    public void Every_database_file_of_the_program_is_covered_here()
    {
        var sources = Path.Combine(Root(), "src", "MailServer.Storage");
        var schemas = System.IO.Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Where(static file => File.ReadAllText(file).Contains("CREATE TABLE", StringComparison.Ordinal))
            .Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);
        // TextIndexDatabase has no steps: a file of another format is built again.
        Assert.Equal(
            ["AccessTables", "CollectionSchema", "DirectoryMigrations", "HistoryTable", "IndexSchema", "JournalTables", "MtaStsTable", "PostgresSchema", "ReportSchema", "SchedulingObjectTable", "SchedulingQueueTable", "TextIndexDatabase", "TraceTables", "TrustTables"],
            schemas);
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    private static bool HasSteps(string name) => name is "mail.db" or "index.db" or "dav.db" or "reports.db" or "access.db";

    private SqliteDatabase OpenAt(string name, int version, string[]? steps = null)
    {
        var database = SqliteDatabase.Open(Path.Combine(_folder, name));
        database.Migrate(name, (steps ?? Schemas[name])[..version]);
        return database;
    }

    private static void Fill(SqliteDatabase database, Table table)
    {
        for (var row = 1; row <= 3; row++)
        {
            var values = table.Columns.Select(column => column.Type switch
            {
                "BLOB" => $"x'0{row}'",
                "TEXT" => $"'{row}@example.org'",
                _ => $"{row}",
            });
            database.Execute($"INSERT OR IGNORE INTO {table.Name} ({string.Join(", ", table.Columns.Select(c => c.Name))}) VALUES ({string.Join(", ", values)})");
        }

        Assert.True(RowsOf(database, table).Count >= 3);
    }

    private static List<string> RowsOf(SqliteDatabase database, Table table) =>
        Read(database, $"SELECT {string.Join(" || ',' || ", table.Columns.Select(static c => $"quote({c.Name})"))} FROM {table.Name} ORDER BY 1", 1).ConvertAll(static r => r[0]);

    private static List<Table> TablesOf(SqliteDatabase database) =>
        Read(database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", 1)
            .ConvertAll(found => new Table(found[0], Read(database, $"SELECT name, type FROM pragma_table_info('{found[0]}')", 2).ConvertAll(static c => (c[0], c[1]))));

    /// <summary>The tables with columns, indexes and triggers.</summary>
    private static List<string> ShapeOf(SqliteDatabase database)
    {
        var shape = Read(database, "SELECT type || ' ' || name || ' on ' || tbl_name FROM sqlite_master ORDER BY 1", 1).ConvertAll(static r => r[0]);
        foreach (var table in TablesOf(database))
        {
            shape.AddRange(Read(database, $"SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || coalesce(dflt_value, '') || ' ' || pk FROM pragma_table_info('{table.Name}') ORDER BY 1", 1)
                .ConvertAll(c => $"{table.Name}.{c[0]}"));
        }

        return shape;
    }

    private static List<string[]> Read(SqliteDatabase database, string sql, int columns)
    {
        using var select = database.PrepareOnce(sql);
        var rows = new List<string[]>();
        while (select.Step()) rows.Add([.. Enumerable.Range(0, columns).Select(column => select.Text(column) ?? "")]);
        return rows;
    }

    private static string DigestOf(string step) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(step.ReplaceLineEndings("\n"))))[..12];

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "MailServer.sln"))) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }

    private sealed record Table(string Name, List<(string Name, string Type)> Columns);
}
