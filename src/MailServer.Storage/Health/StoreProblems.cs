using System.Collections.Concurrent;
using MailServer.Domain.Health;

namespace MailServer.Storage.Health;

/// <summary>
/// Reports problems of database files among the node problems, and clears them after a repair. A damaged file that was set aside remains
/// reported until an administrator moves or deletes it, because it may be the only sign of a failing disk. Safe for use from any thread.
/// </summary>
public sealed class StoreProblems(NodeProblems problems)
{
    private readonly ConcurrentDictionary<string, string> _setAside = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Action> _retries = new(StringComparer.Ordinal);

    /// <summary>Discards reports; used by commands, which print the problems themselves.</summary>
    public static StoreProblems Discarding { get; } = new(new NodeProblems());

    /// <summary>Reports a database that cannot be used.</summary>
    /// <param name="subject">The database, for example <c>dav.db of user_7</c>.</param>
    /// <param name="text">What is wrong with which file, and the consequences.</param>
    /// <param name="remedy">How to fix it.</param>
    /// <param name="stopsService">True if the node cannot provide its service without the database.</param>
    public void Report(string subject, string text, string remedy, bool stopsService = false) =>
        problems.Report(new NodeProblem(subject, text, remedy, stopsService));

    public void Clear(string subject) => problems.Clear(subject);

    /// <summary>Reports a damaged database that was replaced.</summary>
    /// <param name="subject">The database.</param>
    /// <param name="reason">What was wrong.</param>
    /// <param name="aside">Path of the damaged file that was set aside; null if the file was missing.</param>
    /// <param name="lost">What is missing in the new file.</param>
    public void Replaced(string subject, string reason, string? aside, string lost)
    {
        var about = subject + " (replaced)";
        if (aside is not null) _setAside[about] = aside;
        problems.Report(new NodeProblem(
            about,
            $"was damaged ({reason}) and has been replaced: {lost}" + (aside is null ? "" : $"; the damaged file is {aside}"),
            aside is null ? "check the disk, then restart the server to clear this message" : "check the disk, then delete that file"));
    }

    /// <summary>Reports damaged files that were moved to a directory.</summary>
    /// <param name="subject">The files.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="consequence">What happened.</param>
    public void SetAside(string subject, string directory, string consequence)
    {
        _setAside[subject] = directory;
        problems.Report(new NodeProblem(subject, $"{consequence}; the damaged files are in {directory}", "check the disk, then delete those files"));
    }

    /// <summary>Sets what <see cref="ClearResolved"/> calls to find out whether a database can be used again, even if nobody uses it meanwhile; null: nothing.</summary>
    internal void SetRetry(string subject, Action? retry)
    {
        if (retry is null) _retries.TryRemove(subject, out _);
        else _retries[subject] = retry;
    }

    /// <summary>Clears the reports of damaged files that no longer exist, and of databases that can be used again.</summary>
    public void ClearResolved()
    {
        foreach (var retry in _retries.Values) retry();
        foreach (var (subject, file) in _setAside)
        {
            if (File.Exists(file) || File.Exists(file + "-wal") || HasFiles(file) || !_setAside.TryRemove(subject, out _)) continue;
            problems.Clear(subject);
        }
    }

    /// <summary>Reports the newest damaged file that an earlier run has set aside and that still exists.</summary>
    public void FindSetAside(string subject, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!System.IO.Directory.Exists(folder)) return;
        var found = System.IO.Directory.EnumerateFiles(folder, Path.GetFileName(path) + DamagedFile.Infix + "*").Where(static f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)).Max(StringComparer.Ordinal);
        if (found is null) return;
        var about = subject + " (replaced)";
        if (!_setAside.TryAdd(about, found)) return;
        problems.Report(new NodeProblem(about, $"was damaged and has been replaced; the damaged file is {found}", "check the disk, then delete that file"));
    }

    private static bool HasFiles(string directory) => System.IO.Directory.Exists(directory) && System.IO.Directory.EnumerateFiles(directory).Any();
}
