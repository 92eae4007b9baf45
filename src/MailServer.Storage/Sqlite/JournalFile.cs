using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Sqlite;

/// <summary>The file of the queue's journal. The library that keeps events in it opens it by a connection string; what the file itself remembers is set here.</summary>
public static class JournalFile
{
    private const int BusySeconds = 30;

    /// <summary>
    /// Makes the file when it is missing and answers how to open it. WAL, with SQLite's default of a flush for each commit: what was answered
    /// survives a power cut.
    /// </summary>
    public static string Prepare(string path)
    {
        var connect = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = BusySeconds };
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(connect.ToString()) { Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL;";
        command.ExecuteNonQuery();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return connect.ToString();
    }
}
