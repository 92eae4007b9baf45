using System.Data;
using System.Globalization;
using MailServer.Storage.Directory;
using MailServer.Storage.SafeFiles;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Dumps the tables of a cluster's database to files of a backup, from one snapshot: <c>TABLE.csv</c> with a header
/// line, and <c>sequences</c> with the last ids assigned, so that none is reused. Leases are temporary and not included.
/// </summary>
public sealed class DatabaseDump(PostgresDatabase database)
{
    /// <summary>Folder of the dump in a backup.</summary>
    public const string Folder = "database";

    private const string Sequences = "sequences";

    // Referenced tables come first; the others are sorted by name.
    private static readonly string[] First = ["domains", "accounts"];
    private static readonly string[] Without = ["leases", "schema_version"];

    /// <summary>Writes the dump; returns the names of the files.</summary>
    public IReadOnlyList<string> Write(string directory)
    {
        using var connection = database.Open();
        return Ask(() =>
        {
            using var transaction = connection.BeginTransaction(IsolationLevel.RepeatableRead);
            var files = new List<string>();
            foreach (var table in Tables(connection))
            {
                using var rows = connection.BeginTextExport($"COPY \"{table}\" ({Columns(connection, table)}) TO STDOUT (FORMAT csv, HEADER)");
                using var file = new StreamWriter(PrivateFile.ReplaceStream(Path.Combine(directory, table + ".csv")));
                Pour(rows, file);
                files.Add(table + ".csv");
            }

            using (var sequences = new StreamWriter(PrivateFile.ReplaceStream(Path.Combine(directory, Sequences)))) sequences.Write(string.Concat(Given(connection).Select(static l => l + "\n")));
            return (IReadOnlyList<string>)[.. files, Sequences];
        });
    }

    /// <summary>Returns a table that is not empty; null if there is none. Missing tables count as empty.</summary>
    public string? FindObstacle()
    {
        using var connection = database.Open();
        return Ask(() => Tables(connection).FirstOrDefault(table => connection.ReadScalar($"SELECT 1 FROM \"{table}\" LIMIT 1") != 0));
    }

    /// <summary>Fills the tables, which must exist and be empty, in one transaction.</summary>
    public void Read(string directory)
    {
        using var connection = database.Open();
        Ask(() =>
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(PostgresExecutor.ChangeLock);
            foreach (var file in System.IO.Directory.EnumerateFiles(directory, "*.csv").OrderBy(static f => Rank(Name(f))).ThenBy(static f => f, StringComparer.Ordinal)) Fill(connection, Name(file), file);
            foreach (var line in SafeFileReader.ReadLines(Path.Combine(directory, Sequences)))
            {
                var parts = line.Split(' ');
                connection.ReadScalar(
                    "SELECT setval(pg_get_serial_sequence(@table, @column), @last)", ("@table", $"\"{parts[0]}\""), ("@column", parts[1]), ("@last", long.Parse(parts[2], CultureInfo.InvariantCulture)));
            }

            transaction.Commit();
            return true;
        });
    }

    private static void Fill(NpgsqlConnection connection, string table, string file)
    {
        using var rows = new StreamReader(SafeFileReader.Stream(SafeFileReader.Open(file)));
        // The columns of the version that wrote the dump; later columns get their defaults.
        var columns = string.Join(", ", (rows.ReadLine() ?? throw new InvalidDataException($"{file} is empty")).Split(',').Select(static c => $"\"{c.Trim('"').Replace("\"", "", StringComparison.Ordinal)}\""));
        using var target = connection.BeginTextImport($"COPY \"{table.Replace("\"", "", StringComparison.Ordinal)}\" ({columns}) FROM STDIN (FORMAT csv)");
        Pour(rows, target);
    }

    private static void Pour(TextReader from, TextWriter to)
    {
        var block = new char[32 * 1024];
        while (from.Read(block, 0, block.Length) is > 0 and var read) to.Write(block, 0, read);
    }

    private static IEnumerable<string> Tables(NpgsqlConnection connection) => connection.ReadAll(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'", static row => row.GetString(0))
        .Except(Without, StringComparer.Ordinal).OrderBy(Rank).ThenBy(static t => t, StringComparer.Ordinal);

    private static string Columns(NpgsqlConnection connection, string table) => string.Join(", ", connection.ReadAll(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table ORDER BY ordinal_position",
        static row => $"\"{row.GetString(0)}\"", ("@table", table)));

    private static IEnumerable<string> Given(NpgsqlConnection connection)
    {
        var numbered = connection.ReadAll(
            "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name) FROM information_schema.columns "
            + "WHERE table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL ORDER BY 1, 2",
            static row => (Table: row.GetString(0), Column: row.GetString(1), Sequence: row.GetString(2)));
        foreach (var (table, column, sequence) in numbered)
            if (connection.ReadScalar($"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}") is > 0 and var last)
                yield return string.Create(CultureInfo.InvariantCulture, $"{table} {column} {last}");
    }

    private static string Name(string file) => Path.GetFileNameWithoutExtension(file);

    private static int Rank(string table) => Array.IndexOf(First, table) is >= 0 and var at ? at : First.Length;

    private T Ask<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            throw database.Translate(e);
        }
    }
}
