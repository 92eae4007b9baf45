namespace MailServer.EndToEnd.Tests.Server;

/// <summary>
/// A test that needs external programs. It is skipped by name where one is missing; in CI it runs and fails instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(params string[] programs)
    {
        Programs = programs;
        var missing = programs.Where(p => Find(p) is null).ToList();
        if (missing.Count > 0 && !ProjectPaths.IsCi)
        {
            Skip = "not installed: " + string.Join(", ", missing);
        }
        else if (programs.Contains("unshare") && !Environment.IsPrivilegedProcess && !ProjectPaths.IsCi)
        {
            Skip = "needs root, for namespaces of its own";
        }
    }

    public IReadOnlyList<string> Programs { get; }

    /// <summary>Finds a program by name on the path, or by its full path.</summary>
    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(p => Path.Combine(p, program)).FirstOrDefault(File.Exists);
}
