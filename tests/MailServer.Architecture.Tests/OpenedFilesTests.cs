using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Files that others may have created are opened in one place, which follows no links and never blocks. Files are created in another, which keeps
/// them private, or by its neighbour for append-only files. This test finds every other use of <c>File.Open</c>.
/// </summary>
public sealed partial class OpenedFilesTests
{
    private static readonly string[] Places = ["src/MailServer.Storage/SafeFiles/SafeFileReader.cs", "src/MailServer.Storage/SafeFiles/PrivateFile.cs", "src/MailServer.Storage/SafeFiles/AppendOnlyFile.cs", "src/MailServer.Storage/SafeFiles/Posix.cs"];

    // Sources of the executable that read or write files of users, not its own configuration and keys.
    private static readonly string[] Watched =
    [
        "src/MailServer.Storage/", "src/MailServer/Importing/", "src/MailServer/Commands/Dav/",
        "src/MailServer/Commands/ExportCommand.cs", "src/MailServer/Exporting/",
    ];

    // Files that the package or the system brings.
    private static readonly string[] Shipped = ["AppContext.BaseDirectory", "/etc/passwd"];

    [Fact]
    public void Only_the_allowed_files_open_or_create_files() => Violations.AssertNone(
        from file in SourceTree.SourceFiles
        where Watched.Any(w => file.StartsWith(w, StringComparison.Ordinal)) && !Places.Contains(file, StringComparer.Ordinal)
        from line in SourceTree.ReadLines(file).Select(static (text, n) => (Text: text, Number: n + 1))
        where Opening().IsMatch(line.Text)
        select $"{file}:{line.Number}: {line.Text.Trim()}");

    [Fact]
    public void The_executable_reads_files_that_others_name_only_through_NamedFile() => Violations.AssertNone(
        from file in SourceTree.SourceFiles
        where file.StartsWith("src/MailServer/", StringComparison.Ordinal) && !file.EndsWith("/NamedFile.cs", StringComparison.Ordinal)
        from line in SourceTree.ReadLines(file).Select(static (text, n) => (Text: text, Number: n + 1))
        where Reading().IsMatch(line.Text) && !Shipped.Any(s => line.Text.Contains(s, StringComparison.Ordinal))
        select $"{file}:{line.Number}: {line.Text.Trim()}");

    [Fact]
    public void The_listed_source_files_exist()
    {
        Assert.All(Places, place => Assert.Contains(place, SourceTree.SourceFiles));
        Assert.All(Watched, watched => Assert.Contains(SourceTree.SourceFiles, f => f.StartsWith(watched, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_umask_is_set_before_a_command_runs() =>
        Assert.Contains("PrivateFile.SetPrivateUmask();", SourceTree.Read("src/MailServer/CommandLine.cs"), StringComparison.Ordinal);

    [GeneratedRegex(@"\bFile\.(Open|Read|Copy|Append|Create|Write)\w*\(|new FileStream\(|new Stream(Reader|Writer)\((""|Path|path|file)|\bDirectory\.CreateDirectory\(")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\bFile\.(Open|Read)\w*\(|FileMode\.Open\b|new StreamReader\((""|Path|path|file)")]
    private static partial Regex Reading();
}
