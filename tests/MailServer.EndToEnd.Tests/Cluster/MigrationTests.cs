using System.Globalization;
using System.Security.Cryptography;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>A single server migrates to PostgreSQL with its accounts, its bans, and a waiting queue.</summary>
public sealed class MigrationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [PostgresFact]
    public async Task A_server_with_a_queue_moves_to_postgres_and_sends_what_waited_once()
    {
        await using var world = RemoteMailHosts.Create();
        var host = world.Host("later.test", ReceiverBehavior.Defers);
        await using var server = await ServerProcess.CreateAsync(world.Settings());
        var user = await server.AddUserAsync();
        (await server.CliAsync("alias", "add", $"info@{server.Domain}", user)).Succeeded();
        await server.StartAsync();
        var subjects = new List<string>();
        for (var i = 0; i < 3; i++) subjects.Add(await RemoteMailHosts.SubmitAsync(server, user, "a@later.test"));
        (await server.CliAsync("bans", "add", "192.0.2.7")).Succeeded();
        await Eventually.BecomesTrueAsync(() => host.Connections >= 1, "it is tried", Patience);

        var connection = PostgresServer.Shared.CreateDatabase();
        var port = FreePort.Take();
        await File.AppendAllTextAsync(server.ConfigFile, string.Create(CultureInfo.InvariantCulture, $"\ncluster:\n  enabled: false\n  node: node-a\n  listen: 127.0.0.1\n  port: {port}\n  seeds: [127.0.0.1:{port}]\n  database: {connection}\n"));
        Assert.Contains("is running", (await server.CliAsync("cluster", "migrate")).Error, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        await File.WriteAllTextAsync(server.ConfigFile, (await File.ReadAllTextAsync(server.ConfigFile)).Replace("  enabled: false\n  node", "  enabled: true\n  node", StringComparison.Ordinal));
        var before = Digests(server);
        var dry = (await server.CliAsync("cluster", "migrate", "--dry-run")).Succeeded();
        Assert.Contains("nothing was changed", dry.Output, StringComparison.Ordinal);
        Assert.Equal("", PostgresServer.Shared.QueryAt(connection, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"));
        (await server.CliAsync("cluster", "migrate")).Succeeded();
        Assert.Equal(before, Digests(server));
        var again = await server.CliAsync("cluster", "migrate");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("is not empty", again.Error, StringComparison.Ordinal);

        host.Behavior = ReceiverBehavior.Takes;
        await server.StartAsync();
        Assert.Contains("192.0.2.7", (await server.CliAsync("bans", "list")).Succeeded().Output, StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(() => subjects.TrueForAll(s => host.Messages.Any(m => m.Content.Contains(s, StringComparison.Ordinal))), "what waited arrives", Patience);
        foreach (var subject in subjects) Assert.Single(host.Messages, m => m.Content.Contains(subject, StringComparison.Ordinal));
        using (var imap = await server.ImapAsync(user)) Assert.True(imap.IsAuthenticated);
        // From now on the command line and the server use the same database.
        var late = await server.AddUserAsync("late");
        using (var imap = await server.ImapAsync(late)) Assert.True(imap.IsAuthenticated);
        var mail = TestMail.NewSubject();
        await server.DeliverAsync(TestMail.Text($"info@{server.Domain}", mail), $"info@{server.Domain}");
        Assert.Single(server.FilesWith(mail));
    }

    private static string Digests(ServerProcess server) => string.Join('\n', new[] { "mail.db", "journal.db", "access.db" }
        .Select(f => f + " " + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(server.Folder, "data", f))))));
}
