using System.Runtime.InteropServices;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>The paths of the project and of the built server.</summary>
public static class ProjectPaths
{
    /// <summary>The folder of <c>MailServer.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the .NET installation that runs these tests and the server.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>True in continuous integration, where nothing may be skipped.</summary>
    public static bool IsCi => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The server under test: <c>MAILSERVER_BIN</c>, or what the build left in the configuration of these tests.</summary>
    public static string Executable { get; } = FindExecutable();

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

    private static string FindExecutable()
    {
        if (Environment.GetEnvironmentVariable("MAILSERVER_BIN") is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var outputs = Path.Combine(Root, "artifacts", "bin", "MailServer");
        return Directory.Exists(outputs)
            ? Directory.EnumerateDirectories(outputs, configuration + "*").Select(o => Path.Combine(o, "mailserver")).FirstOrDefault(File.Exists)
                ?? Path.Combine(outputs, configuration, "mailserver")
            : Path.Combine(outputs, configuration, "mailserver");
    }
}
