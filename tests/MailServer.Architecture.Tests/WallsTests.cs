using System.Xml.Linq;

namespace MailServer.Architecture.Tests;

/// <summary>Allowed references between projects. Transitive references are disabled, so a project must list everything it uses.</summary>
public sealed class WallsTests
{
    [Theory]
    [InlineData("MailServer.Domain")]
    [InlineData("MailServer.Protocol", "MailServer.Domain")]
    [InlineData("MailServer.Storage", "MailServer.Domain")]
    [InlineData("MailServer.Network", "MailServer.Domain")]
    [InlineData("MailServer.Actors", "MailServer.Domain", "MailServer.Network", "MailServer.Protocol", "MailServer.Storage")]
    [InlineData("MailServer.Web", "MailServer.Actors", "MailServer.Domain", "MailServer.Protocol")]
    public void A_project_references_only_projects_below_it(string project, params string[] allowed)
    {
        var used = References(project);
        Violations.AssertNone(used.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_of_src_is_in_the_dependency_table()
    {
        var projects = SourceTree.TrackedFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);
        Assert.Equal(["MailServer", "MailServer.Actors", "MailServer.Domain", "MailServer.Network", "MailServer.Protocol", "MailServer.Storage", "MailServer.Web"], projects);
    }

    [Fact]
    public void No_project_exposes_transitive_references()
    {
        Assert.Contains("<DisableTransitiveProjectReferences>true<", SourceTree.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.All(
            SourceTree.TrackedFiles.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)),
            f => Assert.DoesNotContain("DisableTransitiveProjectReferences", SourceTree.Read(f), StringComparison.Ordinal));
    }

    [Fact]
    public void Only_Storage_Network_and_the_executable_may_touch_the_disk_and_only_Network_opens_sockets()
    {
        Assert.Equal(["MailServer", "MailServer.Network", "MailServer.Storage"], With("MayTouchDisk"));
        Assert.Equal(["MailServer.Network"], With("MayOpenSockets"));
    }

    [Fact]
    public void Protocol_sessions_use_no_tasks_and_no_clock()
    {
        string[] strangers = ["System.Threading.Tasks", "TimeProvider.System", "async ", "await ", "Akka"];
        // Message authentication and DANE are not sessions: their evaluators only wait for DNS.
        string[] ofEvaluators = ["System.Threading.Tasks", "Task.Run", "TimeProvider.System", "Akka"];
        var offenders = SourceTree.SourceFiles
            .Where(f => f.StartsWith("src/MailServer.Protocol/", StringComparison.Ordinal))
            .SelectMany(f => (IsEvaluator(f) ? ofEvaluators : strangers).Where(s => Code(f).Contains(s, StringComparison.Ordinal)).Select(s => $"{f}: {s.Trim()}"));
        Violations.AssertNone(offenders);
    }

    private static bool IsEvaluator(string file) =>
        file.StartsWith("src/MailServer.Protocol/MessageAuthentication/", StringComparison.Ordinal) || file == "src/MailServer.Protocol/TransportSecurity/DaneLookup.cs";

    private static IReadOnlyList<string> References(string project) =>
        [.. Project(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> With(string property) =>
        SourceTree.TrackedFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(p => Project(p).Descendants(property).Any(e => e.Value == "true"))
            .Order(StringComparer.Ordinal);

    private static XDocument Project(string name) => XDocument.Parse(SourceTree.Read($"src/{name}/{name}.csproj"));

    /// <summary>A file without its comment lines.</summary>
    private static string Code(string file) =>
        string.Join('\n', SourceTree.ReadLines(file).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)));
}
