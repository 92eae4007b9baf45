using MailServer.Architecture.Tests;
using MailServer.Configuration;
using MailServer.Tests.Commands;

namespace MailServer.Tests.Documentation;

/// <summary>The reference pages and the example configuration are those that the program writes.</summary>
public sealed class ReferenceTests : IDisposable
{
    private readonly CommandRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [Theory]
    [InlineData("commands.md", "docs/reference/commands.md")]
    [InlineData("configuration.md", "docs/reference/configuration.md")]
    [InlineData("config.example.yaml", "configs/config.example.yaml")]
    public async Task The_reference_is_what_the_program_writes(string name, string file)
    {
        await _runner.DoneAsync("man", _runner.Folder, "--reference");
        var written = await File.ReadAllTextAsync(Path.Combine(_runner.Folder, name));
        // Prints the first line that differs, and how to write the file again.
        var (expected, actual) = written.Split('\n').Zip(SourceTree.Read(file).Split('\n')).FirstOrDefault(static p => p.Item1 != p.Item2);
        Assert.True(written == SourceTree.Read(file), $"{file} has\n{actual}\ninstead of\n{expected}\nRun 'mailserver man DIR --reference' and copy {name} there.");
    }

    [Fact]
    public async Task The_reference_has_every_command_and_every_key()
    {
        await _runner.DoneAsync("man", _runner.Folder, "--reference");
        var commands = await File.ReadAllTextAsync(Path.Combine(_runner.Folder, "commands.md"));
        Assert.All(CommandTree.Runnable, c => Assert.Contains($"    mailserver {c}", commands, StringComparison.Ordinal));
        var keys = await File.ReadAllTextAsync(Path.Combine(_runner.Folder, "configuration.md"));
        Assert.All(ConfigurationKeys.Sections.Values.SelectMany(static s => s.KeyNames.Select(k => $"`{s.Name}.{k}`")).Concat(ConfigurationKeys.Domain.Select(static k => $"`domains.{k.Name}`")), k => Assert.Contains(k, keys, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_has_a_description_that_is_a_sentence() => Assert.All(
        ConfigurationKeys.Sections.Values.SelectMany(static s => s.Outline).Concat(ConfigurationKeys.Domain.SelectMany(static k => k.Outline("domains", new DomainOptions()))),
        static k => Assert.True(k.Text.EndsWith('.') && !char.IsLower(k.Text[0]), $"{k.Path}: '{k.Text}'"));
}
