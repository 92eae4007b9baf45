using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Documentation;

/// <summary>
/// Runs the blocks of the documents that are marked with <c>sh test=run</c> against one server. <c>DocumentedCommandsTests</c> parses all other command lines, and <c>ReadmeTests</c>
/// runs those of README.md.
/// </summary>
public sealed partial class DocumentedCommandsRunTests
{
    [Fact]
    public async Task The_marked_blocks_of_the_documents_run()
    {
        await using var server = await ServerProcess.StartNewAsync();
        (await server.CliAsync("domain", "add", "example.org")).Succeeded();
        foreach (var user in new[] { "anna@example.org", "ann@example.org", "ben@example.org" }) (await server.CliAsync("user", "add", user, "--password", ServerProcess.Password)).Succeeded();
        foreach (var folder in new[] { "srv", "backups" }) Directory.CreateDirectory(Path.Combine(server.Folder, folder));

        var blocks = Directory.GetFiles(Path.Combine(ProjectPaths.Root, "docs"), "*.md").Order(StringComparer.Ordinal).SelectMany(static f => Block().Matches(File.ReadAllText(f)).Select(m => (File: f, Script: m.Groups["body"].Value))).ToArray();
        Assert.True(blocks.Length >= 5, "blocks have lost their mark");
        foreach (var (file, script) in blocks)
        {
            var run = await ProgramRun.StartAsync(
                "bash", ["-eu", "-o", "pipefail", "-c", $"mailserver() {{ if [[ $1 == --* ]]; then '{ProjectPaths.Executable}' \"$@\"; else '{ProjectPaths.Executable}' \"$@\" --config '{server.ConfigFile}'; fi; }}\n{Elsewhere(script, server.Folder)}"],
                directory: server.Folder,
                timeout: TimeSpan.FromMinutes(3));
            Assert.True(run.ExitCode == 0, $"{Path.GetFileName(file)}:\n{script}\n{run.Everything}");
        }
    }

    private static string Elsewhere(string script, string folder) =>
        script.Replace("/var/backups/mailserver", folder + "/backups", StringComparison.Ordinal).Replace("/srv/", folder + "/srv/", StringComparison.Ordinal);

    [GeneratedRegex("^```sh test=run\n(?<body>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Block();
}
