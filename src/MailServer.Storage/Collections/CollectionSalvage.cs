using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>
/// Creates an intact <c>dav.db</c> from a damaged one: all readable rows, supplemented by the last
/// snapshot. The damaged file is set aside. Afterwards all clients must perform a full synchronisation.
/// </summary>
public sealed class CollectionSalvage
{
    private const int MostLines = 200;
    private const string Entries = "SELECT coalesce(c.name, '?') || '/' || r.name FROM resources r LEFT JOIN collections c ON c.id = r.collection";
    private const string Incomplete = Entries + " WHERE r.id NOT IN (SELECT id FROM bodies)";

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly List<string> _report = [];

    private CollectionSalvage(string directory, TimeProvider time) => (_path, _time) = (Path.Combine(directory, DatabaseKind.Collections.Name), time);

    /// <summary>Salvages the database of an account, which must not be open; returns a report of what was salvaged and lost.</summary>
    public static IReadOnlyList<string> Run(string directory, TimeProvider time) => new CollectionSalvage(directory, time).Run();

    private List<string> Run()
    {
        var next = _path + ".salvaged";
        foreach (var suffix in (string[])["", "-wal", "-shm"]) Posix.TryUnlink(next + suffix);
        bool isEmpty;
        using (var target = SqliteDatabase.Open(next))
        {
            SqliteDatabase.MakePrivate(next);
            CollectionSchema.Migrate(target);
            target.Begin();
            target.Execute("DELETE FROM state");
            if (File.Exists(_path)) Copy(_path, target, "the damaged file");
            var incomplete = DropIncomplete(target);
            if (File.Exists(DatabaseSnapshot.PathOf(_path))) Complete(target);
            Finish(target, incomplete);
            target.Commit();
            isEmpty = target.Scalar("SELECT count(*) FROM collections") == 0;
            if (!isEmpty) Count(target);
        }

        // Not before the new file is complete: on a full disk the old one stays where it is.
        var aside = DamagedFile.SetAside(_path, _time);
        if (aside is not null && !isEmpty) _report[0] += $"; the damaged file is {aside}";
        if (isEmpty) StartEmpty(next, aside);
        else Posix.TryRename(next, _path);
        Posix.SyncDirectory(Path.GetDirectoryName(_path)!);
        if (_report.Count > MostLines) _report.RemoveRange(MostLines, _report.Count - MostLines);
        return _report;
    }

    /// <summary>Copies the readable rows of all tables.</summary>
    private void Copy(string from, SqliteDatabase target, string what)
    {
        try
        {
            using var source = SqliteDatabase.OpenReadOnly(from);
            foreach (var table in Tables(target))
            {
                var unreadable = new RowSalvager(source, target, table).Run();
                if (unreadable > 0) _report.Add($"unreadable rows of the table '{table}' in {what}: {unreadable}");
            }
        }
        catch (SqliteNativeException failure)
        {
            _report.Add($"{what} ({from}) cannot be read: {failure.Message}");
        }
    }

    /// <summary>Supplements rows from the snapshot: whole tables if nothing could be read, otherwise entries that were neither salvaged nor removed since.</summary>
    private void Complete(SqliteDatabase target)
    {
        var isEmpty = target.Scalar("SELECT count(*) FROM collections") == 0;
        using var snapshot = SqliteDatabase.OpenReadOnly(DatabaseSnapshot.PathOf(_path));
        var taken = FormattableString.Invariant($"{DatabaseSnapshot.TakenAt(_path):yyyy-MM-dd HH:mm} UTC");
        var before = target.Scalar("SELECT count(*) FROM resources");
        foreach (var table in Tables(target).Where(t => isEmpty || t is not ("removed" or "locks" or "outgoing"))) new RowSalvager(snapshot, target, table).Run();
        // Entries removed after the snapshot must not reappear.
        if (!isEmpty) target.Execute("DELETE FROM resources WHERE EXISTS (SELECT 1 FROM removed r WHERE r.collection = resources.collection AND r.name = resources.name)");
        var restored = target.Scalar("SELECT count(*) FROM resources") - before;
        if (restored > 0) _report.Add($"entries restored from the snapshot of {taken}: {restored}");
    }

    /// <summary>Removes entries that were read only in part; the snapshot may contain a complete, possibly older version.</summary>
    private static List<string> DropIncomplete(SqliteDatabase target)
    {
        var names = Names(target, Incomplete);
        target.Execute("DELETE FROM resources WHERE id NOT IN (SELECT id FROM bodies)");
        target.Execute("DELETE FROM bodies WHERE id NOT IN (SELECT id FROM resources)");
        target.Execute("DELETE FROM instances WHERE id NOT IN (SELECT id FROM resources)");
        return names;
    }

    /// <summary>Reports what happened to incomplete entries, and invalidates all sync tokens.</summary>
    private void Finish(SqliteDatabase target, List<string> incomplete)
    {
        DropIncomplete(target);
        var there = Names(target, Entries).ToHashSet(StringComparer.Ordinal);
        foreach (var name in incomplete) _report.Add(there.Contains(name) ? $"restored from the snapshot, possibly outdated: {name}" : $"lost: {name}");
        var highest = Math.Max(target.Scalar("SELECT max(modseq) FROM resources"), target.Scalar("SELECT max(modseq) FROM collections")) + 1_000;
        target.Execute(FormattableString.Invariant($"INSERT OR REPLACE INTO state VALUES ('modseq', {highest})"));
        target.Execute(FormattableString.Invariant($"UPDATE collections SET forgotten = {highest}, modseq = {highest}"));
    }

    /// <summary>Nothing was salvaged: the account starts with the default calendars.</summary>
    private void StartEmpty(string next, string? aside)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"]) Posix.TryUnlink(next + suffix);
        new CalendarsExistMarker(Path.GetDirectoryName(_path)!).Clear();
        _report.Insert(0, $"nothing of {_path} could be salvaged, and there is no snapshot: the account starts with empty calendars; restore them from a backup" + (aside is null ? "" : $"; the damaged file is {aside}"));
    }

    private void Count(SqliteDatabase target) =>
        _report.Insert(0, $"{_path} was salvaged: entries: {target.Scalar("SELECT count(*) FROM resources")}, collections: {target.Scalar("SELECT count(*) FROM collections")}");

    private static List<string> Tables(SqliteDatabase database) =>
        Names(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");

    private static List<string> Names(SqliteDatabase database, string query)
    {
        using var select = database.PrepareOnce(query);
        var names = new List<string>();
        while (select.Step()) names.Add(select.Text(0) ?? "?");
        return names;
    }
}
