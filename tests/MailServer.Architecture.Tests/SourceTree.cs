using System.Diagnostics;

namespace MailServer.Architecture.Tests;

/// <summary>The files of the project that git tracks.</summary>
public static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>The paths of every tracked file that exists, relative to the root.</summary>
    public static IReadOnlyList<string> TrackedFiles { get; } = ListTracked();

    public static IEnumerable<string> SourceFiles => TrackedFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MailServer.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("MailServer.sln is in no folder above " + AppContext.BaseDirectory);
    }

    private static List<string> ListTracked()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Root, UseShellExecute = false, RedirectStandardOutput = true };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("cannot start git");
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
