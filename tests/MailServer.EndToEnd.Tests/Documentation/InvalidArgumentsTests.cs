using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Documentation;

/// <summary>A few unusual command lines against the real executable; <c>CommandArgumentsTests</c> covers every command in process.</summary>
public sealed class InvalidArgumentsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("arguments-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Invalid_arguments_end_with_one_line_a_usage_exit_code_and_no_new_folder()
    {
        string[][] odd =
        [
            [], [""], ["backup", ""], ["export", "", "--account", ""], ["--config", "", "user", "list"], ["backup", "--nonsense"], ["restore", "-x"], ["localserve", "--data-dir", "--nonsense"],
            ["user", "add", "a\nb\u001b[2J"], ["domain", "add", new string('x', 100_000)], ["queue", "list", "--max", "99999999999"], ["bakcup", "x"],
        ];
        foreach (var arguments in odd)
        {
            var run = await ProgramRun.StartAsync(ProjectPaths.Executable, arguments, directory: _folder);
            Assert.True(run.ExitCode == 2 && run.Output.Length == 0, $"{run.ExitCode}: {run.Everything}");
            var line = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith("mailserver: ", line, StringComparison.Ordinal);
            Assert.EndsWith(" --help'", line, StringComparison.Ordinal);
            Assert.True(line.Length < 2_000, line);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }
}
