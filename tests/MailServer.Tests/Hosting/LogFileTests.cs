using System.Diagnostics;
using System.Globalization;
using System.Text;
using MailServer.Hosting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Tests.Hosting;

/// <summary>The log file, and effects of other programs and of the server on its name and its content.</summary>
public sealed class LogFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("log-").FullName;

    private string At => Path.Combine(_folder, "mail.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Actions of log rotation programs; after each, the next line is the only one in the file with the log's name.
    public static TheoryData<string> Rotations() => ["rename", "rename and create", "remove", "remove the folder", "copytruncate"];

    [Theory]
    [MemberData(nameof(Rotations))]
    public void After_another_program_rotates_the_next_line_is_in_the_new_file_without_a_signal(string how)
    {
        var path = Path.Combine(_folder, "logs", "mail.log");
        using var log = new LogFile(path, null, 1, TimeProvider.System);
        Write(log, "before");
        switch (how)
        {
            case "rename":
                File.Move(path, path + ".1");
                break;
            case "rename and create":
                File.Move(path, path + ".1");
                File.WriteAllText(path, "");
                break;
            case "remove":
                File.Delete(path);
                break;
            case "remove the folder":
                Directory.Delete(Path.Combine(_folder, "logs"), recursive: true);
                break;
            default:
                File.Copy(path, path + ".1");
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(0);
                break;
        }

        Write(log, "after");
        Assert.Equal("after\n", File.ReadAllText(path));
        if (File.Exists(path + ".1")) Assert.Equal("before\n", File.ReadAllText(path + ".1"));
    }

    [Fact]
    public void A_new_log_file_is_private_and_an_existing_one_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows()) return;
        using (var log = new LogFile(At, null, 1, TimeProvider.System)) Write(log, "one");
        Assert.Equal(Private, File.GetUnixFileMode(At));
        File.SetUnixFileMode(At, Private | UnixFileMode.GroupRead);
        using (var log = new LogFile(At, null, 1, TimeProvider.System)) Write(log, "two");
        Assert.Equal(Private | UnixFileMode.GroupRead, File.GetUnixFileMode(At));
        Assert.Equal("one\ntwo\n", File.ReadAllText(At));
    }

    [Fact]
    public void At_the_size_limit_the_file_is_rotated_and_the_oldest_are_removed()
    {
        File.WriteAllText(At + ".5", "left by a larger keep");
        File.WriteAllText(At + ".3", "left by a larger keep");
        File.WriteAllText(At + ".note", "not a log");
        using var log = new LogFile(At, 100, 3, TimeProvider.System);
        for (var i = 0; i < 100; i++) Write(log, string.Create(CultureInfo.InvariantCulture, $"line {i:000}"));
        Assert.Equal(["mail.log", "mail.log.1", "mail.log.2", "mail.log.3", "mail.log.note"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var kept = string.Concat(new[] { ".3", ".2", ".1", "" }.Select(n => File.ReadAllText(At + n))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(kept, Enumerable.Range(0, 100).Select(static i => string.Create(CultureInfo.InvariantCulture, $"line {i:000}")).TakeLast(kept.Length));
        Assert.All(new[] { "", ".1", ".2", ".3" }, n => Assert.InRange(new FileInfo(At + n).Length, 1, 100));
    }

    [Fact]
    public void A_line_beyond_the_size_limit_is_written_completely()
    {
        using var log = new LogFile(At, 100, 2, TimeProvider.System);
        foreach (var text in new[] { "a", new string('b', 500), "c" }) Write(log, text);
        Assert.Equal(["a\n", new string('b', 500) + "\n", "c\n"], new[] { ".2", ".1", "" }.Select(n => File.ReadAllText(At + n)));
    }

    [Fact]
    public void A_link_stays_a_link_when_the_file_behind_it_is_rotated()
    {
        var real = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName, "real.log");
        File.CreateSymbolicLink(At, real);
        using var log = new LogFile(At, 20, 2, TimeProvider.System);
        for (var i = 0; i < 3; i++) Write(log, "twelve chars");
        Assert.Equal(real, new FileInfo(At).LinkTarget);
        Assert.Equal(["real.log", "real.log.1", "real.log.2"], Directory.GetFiles(Path.Combine(_folder, "disk")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Logging_continues_when_rotation_fails_and_the_failure_is_logged()
    {
        using var log = new LogFile(At, 20, 1, TimeProvider.System);
        // A folder has the name of the rotated file: renaming fails even for root.
        Directory.CreateDirectory(At + ".1");
        File.WriteAllText(Path.Combine(At + ".1", "x"), "x");
        Write(log, "twelve chars");
        Assert.Null(log.Problem);
        Write(log, "twelve chars");
        Assert.Contains(At + " has reached logging.max_size and cannot be renamed", log.Problem, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(At).Length);
    }

    // Each with a word of the expected problem; null: none.
    public static TheoryData<string, string?> Places() => new()
    {
        { "mail.log", null },
        { "new/folder/mail.log", null },
        { "there.log", null },
        { "folder", "is a directory" },
        { "there.log/mail.log", "is not a directory" },
        { "dangling", "is a dangling symbolic link" },
        { "closed/mail.log", "is not writable" },
        { "closed/deep/mail.log", "is not writable" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Problems_with_the_log_file_are_detected_without_writing(string place, string? said)
    {
        if (OperatingSystem.IsWindows()) return;
        File.WriteAllText(Path.Combine(_folder, "there.log"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        File.CreateSymbolicLink(Path.Combine(_folder, "dangling"), Path.Combine(_folder, "nowhere", "x"));
        // Root may write everywhere, so the check is for the user who owns the data.
        if (Environment.IsPrivilegedProcess) Run("chown", "-R", "-h", "65534:65534", _folder);
        Directory.CreateDirectory(Path.Combine(_folder, "closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var before = Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal).ToArray();
        var obstacle = AppendAccess.FindObstacle(Path.Combine(_folder, place), _folder);
        if (said is null) Assert.Null(obstacle);
        else Assert.Contains(said, obstacle, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
    }

    private static void Run(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        run.WaitForExit();
        Assert.Equal(0, run.ExitCode);
    }

    private static void Write(LogFile log, string text)
    {
        Assert.True(log.TryWrite(Encoding.UTF8.GetBytes(text + "\n"), out var failure), failure?.Message);
    }
}
