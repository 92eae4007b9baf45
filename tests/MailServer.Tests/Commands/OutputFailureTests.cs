using System.IO.Pipes;
using MailServer.Common;
using MailServer.Storage.SafeFiles;
using MailServer.Tests.Web;

namespace MailServer.Tests.Commands;

/// <summary>Every command whose output cannot be written: one line for a full disk, and silence when nobody reads.</summary>
public sealed class OutputFailureTests(TestNode node) : IClassFixture<TestNode>
{
    private static readonly string[] More =
    [
        $"dav export {TestNode.Ann} calendar", "completion bash", "help", "version", "dns records example.org", "user show " + TestNode.Ann,
    ];

    public static TheoryData<string> Everything => [.. CommandTree.All.Keys.Select(static c => $"{c} --help".Trim()), .. RunningServerCommandsTests.ReadingCommands, .. More];

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Output_that_cannot_be_written_is_one_error_and_output_that_nobody_reads_none(string command)
    {
        // A list without entries prints nothing.
        if ((await node.Commands.RunAsync(command.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Out.Length == 0) return;
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        await using (var output = new DescriptorStream(full))
        {
            var (code, error) = await RunAsync(command, output);
            var line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.True(code == ExitCodes.Failed && line == "mailserver: standard output cannot be written: No space left on device", $"{code} {error}");
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }

        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var writing = new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        await using (var output = new DescriptorStream(writing))
        {
            await pipe.DisposeAsync();
            var (code, error) = await RunAsync(command, output);
            // A process that another test is just starting has the other end too, until its program is loaded.
            for (var tries = 0; code == 0 && tries < 10; tries++)
            {
                await Task.Delay(50);
                (code, error) = await RunAsync(command, output);
            }

            Assert.True(code == ExitCodes.OutputClosed && !error.Contains("output", StringComparison.Ordinal), $"{code} {error}");
        }
    }

    private async Task<(int Code, string Error)> RunAsync(string command, Stream output)
    {
        node.Commands.Output = output;
        try
        {
            var (code, _, error) = await node.Commands.RunAsync(command.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            return (code, error);
        }
        finally
        {
            node.Commands.Output = null;
        }
    }
}
