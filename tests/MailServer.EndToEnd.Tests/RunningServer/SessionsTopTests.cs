using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary><c>sessions top</c> in a terminal (tmux): the screen, and the state of the terminal afterwards.</summary>
public sealed class SessionsTopTests
{
    [ClientFact("tmux")]
    public async Task The_table_updates_with_the_sessions_and_q_or_an_interrupt_restores_the_terminal()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        using var first = await server.ImapAsync(user);
        // The tmux socket is in the folder of the server, so no other tmux is affected.
        var terminal = new Terminal(Path.Combine(server.Folder, "tmux"));
        await terminal.RunAsync("new-session", "-d", "-x", "180", "-y", "40", "env PS1='ready> ' sh");
        try
        {
            await terminal.TypeAsync("echo before");
            await terminal.ShowsAsync("before");
            await terminal.TypeAsync($"{ProjectPaths.Executable} sessions top --interval 1 --config {server.ConfigFile}; echo code=$?");
            await terminal.ShowsAsync("1 session");
            Assert.Contains(user, await terminal.ScreenAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain("echo before", await terminal.ScreenAsync(), StringComparison.Ordinal);

            using (await server.ImapAsync(await server.AddUserAsync("second"))) await terminal.ShowsAsync("2 sessions");
            await terminal.ShowsAsync("1 session");

            await terminal.RunAsync("send-keys", "-t", "0", "q");
            // Keys that arrive before the program has ended belong to the program.
            await terminal.ShowsAsync("code=0");
            await terminal.ShowsAsync("echo before");
            var screen = await terminal.ScreenAsync();
            Assert.DoesNotContain("1 session", screen, StringComparison.Ordinal);
            await terminal.IsItselfAsync("q");

            await InterruptedAsync(terminal, server, $"sessions top --interval 1", "1 session", exitCode: 0);
            await terminal.ShowsAsync("echo before");
            await InterruptedAsync(terminal, server, $"user passwd {user}", "New password", exitCode: 130);
            await InterruptedAsync(terminal, server, "setup", "to receive mail for", exitCode: 130);

            await terminal.RunAsync("resize-window", "-t", "0", "-x", "50", "-y", "40");
            await InterruptedAsync(terminal, server, "sessions top --interval 1", "account: " + user, exitCode: 0);
        }
        finally
        {
            await terminal.RunAsync("kill-server");
        }
    }

    /// <summary>Ctrl-C during a prompt or an output: the shell continues normally.</summary>
    private static async Task InterruptedAsync(Terminal terminal, ServerProcess server, string command, string shows, int exitCode)
    {
        await terminal.RunAsync("send-keys", "-t", "0", "-R");
        await terminal.RunAsync("clear-history", "-t", "0");
        await terminal.TypeAsync("echo before");
        await terminal.TypeAsync($"{ProjectPaths.Executable} {command} --config {server.ConfigFile}; echo code=$?");
        await terminal.ShowsAsync(shows);
        await terminal.RunAsync("send-keys", "-t", "0", "C-c");
        await terminal.ShowsAsync(string.Create(CultureInfo.InvariantCulture, $"code={exitCode}"));
        if (exitCode != 0) Assert.Contains("interrupted", await terminal.ScreenAsync(), StringComparison.Ordinal);
        await terminal.IsItselfAsync(command.Split(' ')[0]);
    }

    private sealed class Terminal(string socket)
    {
        public async Task<ProgramRun> RunAsync(params string[] arguments) =>
            (await ProgramRun.StartAsync("tmux", ["-S", socket, "-f", "/dev/null", .. arguments])).Succeeded();

        /// <summary>Asserts that echo, line discipline and cursor are in their normal state.</summary>
        public async Task IsItselfAsync(string after)
        {
            await TypeAsync($"stty -a | grep -c -w -e '-echo' -e '-icanon' -e '-isig'; echo {after}-left=$?");
            await ShowsAsync($"{after}-left=1");
            Assert.Equal("1", (await RunAsync("display-message", "-p", "-t", "0", "#{cursor_flag}")).Output.Trim());
        }

        public Task TypeAsync(string text) => RunAsync("send-keys", "-t", "0", text, "Enter");

        public async Task<string> ScreenAsync() => (await RunAsync("capture-pane", "-p", "-t", "0")).Output;

        public Task ShowsAsync(string text) =>
            Eventually.BecomesTrueAsync(async () => (await ScreenAsync()).Contains(text, StringComparison.Ordinal), string.Create(CultureInfo.InvariantCulture, $"the terminal shows '{text}'"), TimeSpan.FromSeconds(20));
    }
}
