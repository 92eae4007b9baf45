using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using MailServer.Commands;
using MailServer.TestSupport;

namespace MailServer.Tests.Commands;

/// <summary>Runs the command line with its own configuration and data folder.</summary>
public sealed class CommandRunner : IDisposable
{
    /// <summary>Data directories with a domain, by their users. Each is created once and then copied.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Prepared = new(StringComparer.Ordinal);

    private bool _isConfigured;

    public CommandRunner()
    {
        Folder = Directory.CreateTempSubdirectory("commands-").FullName;
        Config = Path.Combine(Folder, "config.yaml");
        Data = Path.Combine(Folder, "data");
        Configure("");
        _isConfigured = false;
    }

    public string Folder { get; }

    public string Config { get; }

    public string Data { get; }

    /// <summary>Answers to prompts without echo; null: no terminal.</summary>
    public Queue<string>? Secrets { get; set; }

    /// <summary>The keys typed at a prompt; null: no keyboard.</summary>
    public Queue<char>? Keys { get; set; }

    public bool OutIsTerminal { get; set; }

    /// <summary>Standard output; null: a buffer.</summary>
    public Stream? Output { get; set; }

    /// <summary>The width of the terminal.</summary>
    public int? Columns { get; set; }

    /// <summary>Writes a configuration with cheap password hashing.</summary>
    public void Configure(string more, string security = "") => ConfigureExactly($$"""
        server: {hostname: mail.example.org, listen: 127.0.0.1}
        storage: {data_dir: {{Data}}}
        security: {argon2_memory: 64KB, argon2_passes: 1{{security}}}
        {{more}}
        """);

    /// <summary>Writes exactly this configuration.</summary>
    public void ConfigureExactly(string text)
    {
        _isConfigured = true;
        File.WriteAllText(Config, text);
    }

    public async Task<CommandRunner> SetUpAsync(params string[] users)
    {
        if (_isConfigured || Directory.Exists(Data)) return await CreateAsync(users);
        var source = await Prepared.GetOrAdd(string.Join(' ', users), _ => new Lazy<Task<string>>(() => PrepareAsync(users))).Value;
        using var copying = Process.Start("cp", ["-a", source, Data]);
        await copying.WaitForExitAsync();
        Assert.Equal(0, copying.ExitCode);
        return this;
    }

    /// <summary>Runs a command that must succeed; returns what it printed.</summary>
    public async Task<string> DoneAsync(params string[] args)
    {
        var result = await RunAsync(args);
        Assert.Equal((0, ""), (result.Code, result.Error));
        return result.Out;
    }

    /// <summary>Runs a command that must fail; returns its one line on stderr.</summary>
    public async Task<string> FailedAsync(int code, params string[] args)
    {
        var result = await RunAsync(args);
        Assert.Equal(code, result.Code);
        Assert.Equal("", result.Out);
        return Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public Task<(int Code, string Out, string Error)> RunAsync(params string[] args) => RunAsync("", args);

    public Task<(int Code, string Out, string Error)> RunAsync(string input, string[] args) => RunExactlyAsync(input, [.. args, "--config", Config]);

    /// <summary>Runs a command without the --config option.</summary>
    public async Task<(int Code, string Out, string Error)> RunExactlyAsync(string input, string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var shell = new Shell
        {
            Out = output,
            Error = error,
            In = new StringReader(input),
            OutIsTerminal = OutIsTerminal,
            Columns = Columns,
            PromptSecret = Secrets is null && Keys is null ? null : _ => Secrets?.Dequeue(),
            ReadPressedKey = () => Keys?.TryDequeue(out var key) == true ? key : null,
            Environment = new Hashtable(),
        };
        if (Output is { } stream) shell = shell with { Out = CommandOutput.WriterOf(stream, System.Text.Encoding.UTF8), OpenOut = () => new CommandOutput(stream) };
        var code = await CommandLine.RunAsync(args, shell, default);
        return (code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static async Task<string> PrepareAsync(string[] users)
    {
        var runner = new CommandRunner();
        RunCleanup.Add(runner.Dispose);
        await runner.CreateAsync(users);
        return runner.Data;
    }

    private async Task<CommandRunner> CreateAsync(string[] users)
    {
        await DoneAsync("migrate");
        await DoneAsync("domain", "add", "example.org");
        foreach (var user in users) await DoneAsync("user", "add", user, "--password", "correct horse 9");
        return this;
    }
}
