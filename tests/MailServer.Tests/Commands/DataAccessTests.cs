using System.CommandLine;
using MailServer.Commands;
using MailServer.Storage;

namespace MailServer.Tests.Commands;

/// <summary>Only one process at a time writes to the data: the server, or a command that holds the lock.</summary>
[Trait("Speed", "Slow")]
public sealed class DataAccessTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    public static TheoryData<string> LockingCommands => [.. DataAccess.Commands.Where(static c => DataAccess.Of(c) is DataAccessMode.ExclusiveLock or DataAccessMode.ServerOrLock)];

    [Fact]
    public void Every_command_has_a_row_and_every_row_a_command()
    {
        var commands = new List<string>();
        Collect(CommandLine.Commands, "", commands);
        Assert.Equal(commands.Order(StringComparer.Ordinal), DataAccess.Commands.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(LockingCommands))]
    public async Task A_command_that_writes_data_is_refused_while_another_process_holds_the_lock_and_names_it(string command)
    {
        await _server.SetUpAsync("ann@example.org");
        using var held = DataDirectoryLock.Take(_server.Data);
        var error = await _server.FailedAsync(1, [.. command.Split(' '), .. ArgumentsOf(command)]);
        Assert.Contains($"is in use by process {Environment.ProcessId}", error, StringComparison.Ordinal);
    }

    public static TheoryData<string> WaitingCommands => [.. DataAccess.Commands.Where(static c => DataAccess.Of(c) is DataAccessMode.ServerOrLock)];

    [Theory]
    [MemberData(nameof(WaitingCommands))]
    public async Task A_command_that_can_run_beside_the_server_waits_for_another_command_and_reports_it(string command)
    {
        await _server.SetUpAsync("ann@example.org");
        var held = DataDirectoryLock.Take(_server.Data, "import mbox");
        var running = _server.RunAsync([.. command.Split(' '), .. ArgumentsOf(command)]);
        await Task.Delay(100);
        held.Dispose();
        var run = await running;
        Assert.Contains($"waiting: {_server.Data} is in use by process {Environment.ProcessId} (mailserver import mbox)", run.Error, StringComparison.Ordinal);
        DataDirectoryLock.Take(_server.Data).Dispose();
    }

    [Fact]
    public async Task The_lock_is_released_when_its_holder_has_ended()
    {
        await _server.SetUpAsync();
        DataDirectoryLock.Take(_server.Data).Dispose();
        await _server.DoneAsync("check");
    }

    private static string[] ArgumentsOf(string command) => command switch
    {
        "backup" or "restore" => ["/dev/null/place"],
        "import maildir" or "import mbox" => ["/dev/null/place", "--account", "ann@example.org"],
        "import imap" => ["imaps://ann@old.example.org", "--account", "ann@example.org"],
        "dav list" or "user recover" or "sieve list" or "sieve deactivate" => ["ann@example.org"],
        "rules list" or "rules activate" or "rules replace" or "forwarding show" or "out-of-office show" or "out-of-office off" => ["ann@example.org"],
        "rules add" => ["ann@example.org", "--then", "stop"],
        "rules change" or "rules enable" or "rules disable" or "rules remove" => ["ann@example.org", "1"],
        "rules move" => ["ann@example.org", "1", "2"],
        "rules include" => ["ann@example.org", "none"],
        "out-of-office set" => ["ann@example.org", "--text", "Away."],
        "sieve get" or "sieve delete" or "sieve activate" => ["ann@example.org", "main"],
        "sieve rename" => ["ann@example.org", "main", "other"],
        "sieve put" => ["ann@example.org", "main", "/dev/null/place"],
        "sieve test" or "sieve import" => ["ann@example.org", "/dev/null/place"],
        "dav export" or "dav link" or "dav unlink" => ["ann@example.org", "calendar"],
        "dav import" => ["ann@example.org", "calendar", "/dev/null/place"],
        "dav share" or "dav unshare" => ["ann@example.org", "calendar", "--with", "ann@example.org"],
        _ => [],
    };

    private static void Collect(Command command, string path, List<string> found)
    {
        var name = command is RootCommand ? "" : path.Length == 0 ? command.Name : $"{path} {command.Name}";
        if (command.Action is not null && command is not RootCommand) found.Add(name);
        foreach (var child in command.Subcommands) Collect(child, name, found);
    }
}
