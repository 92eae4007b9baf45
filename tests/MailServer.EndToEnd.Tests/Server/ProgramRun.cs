using System.Diagnostics;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>The result of a program: its output and exit code.</summary>
public sealed record ProgramRun(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Standard output and standard error together.</summary>
    public string Everything => Output + Error;

    /// <summary>Runs a program; kills it when it takes longer than <paramref name="timeout"/>.</summary>
    public static async Task<ProgramRun> StartAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        string? directory = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("cannot start " + program);
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await FeedAsync(process, input);
        var command = program + " " + string.Join(' ', start.ArgumentList);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} did not end in time: {Tail(await output + await error)}", e);
        }

        return new ProgramRun(command, process.ExitCode, await output, await error);
    }

    /// <summary>Returns this run if it succeeded; otherwise fails and shows the output.</summary>
    public ProgramRun Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command} -> {ExitCode}: {Tail(Everything)}");
        return this;
    }

    private static async Task FeedAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input ?? "");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input: its exit code tells the rest.
        }
    }

    private static string Tail(string text) => text.Length <= 2_000 ? text : "…" + text[^2_000..];
}
