namespace MailServer.Protocol.Tests.ContentLines;

/// <summary>Calendars and cards of the public collection, which is next to the repository or named by MAILSERVER_SHARED.</summary>
internal static class ConformanceFiles
{
    private static readonly string? Root = FindRoot();

    public static TheoryData<string> In(string folder, string pattern)
    {
        var files = new TheoryData<string>();
        if (Root is null)
            files.Add("");
        else
            files.AddRange(Directory.GetFiles(Path.Combine(Root, folder), pattern).Order(StringComparer.Ordinal).Select(f => Path.Combine(folder, Path.GetFileName(f))).ToArray());
        return files;
    }

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Root!, file));

    private static string? FindRoot()
    {
        var shared = Environment.GetEnvironmentVariable("MAILSERVER_SHARED");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); shared is null && at is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.FullName, "shared", "conformance")))
                shared = Path.Combine(at.FullName, "shared");
        }

        return shared is null ? null : Path.Combine(shared, "conformance");
    }

    public sealed class RequiredAttribute : TheoryAttribute
    {
        public RequiredAttribute() => Skip = Root is null ? "shared/conformance is not there (set MAILSERVER_SHARED)" : null;
    }
}
