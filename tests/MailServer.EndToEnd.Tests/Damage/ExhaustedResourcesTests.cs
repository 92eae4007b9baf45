using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Microsoft.Data.Sqlite;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>A full disk, too few file descriptors, two servers on one folder, a killed restore: a clear error, and immediate recovery afterwards.</summary>
public sealed class ExhaustedResourcesTests
{
    [ClientFact("mount", "chattr")]
    public async Task On_a_full_disk_mail_is_refused_and_users_can_sign_in_and_delete_even_after_a_restart()
    {
        await using var world = await DamageTestBed.MakeAsync();
        await world.Server.StartAsync();
        await world.FillDiskAsync();
        await RefusesMailAsync(world);
        await Eventually.BecomesTrueAsync(async () => (await world.MonitorAsync("ready")).Code == HttpStatusCode.ServiceUnavailable, "/ready says so", TimeSpan.FromSeconds(30));

        // The reserved space has been used, and the next run must not accept mail either.
        await world.Server.KillAsync();
        await world.Server.StartAsync();
        var (code, body) = await world.MonitorAsync("ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("disk", body, StringComparison.Ordinal);
        await RefusesMailAsync(world);
        var (client, inbox) = await world.Server.InboxAsync(world.First);
        using (client)
        {
            var before = inbox.Count;
            await inbox.AddFlagsAsync([0, 1, 2], MessageFlags.Deleted, silent: false);
            await inbox.ExpungeAsync();
            Assert.Equal(before - 3, inbox.Count);
        }

        File.Delete(Path.Combine(world.Data, "filler"));
        await Eventually.BecomesTrueAsync(async () => (await world.MonitorAsync("ready")).Code == HttpStatusCode.OK, "ready again", TimeSpan.FromSeconds(30));
        Assert.Equal("ok", await world.DeliverAsync(world.First));
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_refuses_and_names_the_process_of_the_first()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        var second = await server.CliAsync("serve");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"is in use by process {server.ProcessId}"), second.Error, StringComparison.Ordinal);
        (await server.CliAsync("status")).Succeeded();
        await server.DeliverAsync(TestMail.Text(user, "still here"), user);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(450)]
    public async Task With_too_few_file_descriptors_the_server_reports_how_many_it_needs(int most)
    {
        await using var server = await ServerProcess.CreateAsync();
        var run = await ProgramRun.StartAsync("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {most}; exec {ProjectPaths.Executable} serve --config {server.ConfigFile}")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"the limit of {most} open files is below the minimum of 1024"), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_connections_do_not_exhaust_the_file_descriptors()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal), "ulimit -n 1024; ");
        using var stop = new CancellationTokenSource();
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 900; i++)
            {
                var client = new TcpClient();
                silent.Add(client);
                try
                {
                    await client.ConnectAsync("127.0.0.1", server.Ports.Imap);
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
                {
                    // Refused by the limit before the handshake was noticed here.
                }
            }

            await Task.Delay(500);
            (await server.CliAsync("status")).Succeeded();
            await server.AssertServesAsync();
        }
        finally
        {
            foreach (var client in silent) client.Dispose();
        }

        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    using var client = await server.ImapAsync(user);
                    return client.IsAuthenticated;
                }
                catch (Exception e) when (e is IOException or SocketException or MailKit.Net.Imap.ImapProtocolException)
                {
                    return false;
                }
            },
            "sign-in works again");
    }

    [Fact]
    public async Task Clients_that_fetch_and_do_not_read_do_not_exhaust_the_file_descriptors()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal), "ulimit -n 1024; ");
        // Larger than what the sockets buffer, so that each client holds up its response at the first message.
        await server.DeliverAsync(TestMail.Text(user, "large", new string('x', 70) + "\r\n" + string.Concat(Enumerable.Repeat(new string('y', 70) + "\r\n", 150_000))), user);
        var (owner, inbox) = await server.InboxAsync(user);
        using (owner)
        {
            for (var i = 0; i < 15; i++) await inbox.CopyToAsync(0, inbox);
        }

        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 60; i++)
            {
                var client = new TcpClient { ReceiveBufferSize = 4096 };
                silent.Add(client);
                await client.ConnectAsync("127.0.0.1", server.Ports.Imaps);
                var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
                await tls.AuthenticateAsClientAsync("localhost");
                await tls.WriteAsync(Encoding.ASCII.GetBytes($"1 LOGIN {user} \"{ServerProcess.Password}\"\r\n2 SELECT INBOX\r\n3 FETCH 1:* BODY.PEEK[]\r\n"));
            }

            await Eventually.BecomesTrueAsync(async () => (await server.CliAsync("sessions", "list")).Output.Split("FETCH").Length > 55, "the clients fetch");
            Assert.InRange(Directory.GetFiles($"/proc/{server.ProcessId}/fd").Length, 1, 700);
            await server.AssertServesAsync();
        }
        finally
        {
            foreach (var client in silent) client.Dispose();
        }
    }

    [Fact]
    public async Task A_backup_is_complete_with_more_accounts_than_can_be_open_at_once()
    {
        const int Accounts = 90;
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        AddAccounts(server, Accounts);
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal), "ulimit -n 1024; ");
        await server.DeliverAsync(TestMail.Text(user, "to everybody"), [.. Enumerable.Range(0, Accounts).Select(n => AddressOf(server, n))]);
        await Eventually.BecomesTrueAsync(() => server.MessageFiles().Count() == Accounts, "everybody has the message", TimeSpan.FromMinutes(1));
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        Assert.Equal(Accounts, Directory.EnumerateFiles(backups, "*", SearchOption.AllDirectories).Count(static f => Path.GetFileName(Path.GetDirectoryName(f)) is "cur" or "new"));
        await server.AssertServesAsync();
        Assert.InRange(Directory.GetFiles($"/proc/{server.ProcessId}/fd").Length, 1, 700);
        Assert.DoesNotContain("open mailboxes", (await server.CliAsync("status")).Output, StringComparison.Ordinal);
    }

    private static string AddressOf(ServerProcess server, int number) => string.Create(CultureInfo.InvariantCulture, $"many{number}@{server.Domain}");

    /// <summary>Adds accounts that only receive mail. The command takes half a second for each.</summary>
    private static void AddAccounts(ServerProcess server, int count)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "data", "mail.db")};Pooling=False");
        database.Open();
        using var transaction = database.BeginTransaction();
        foreach (var address in Enumerable.Range(0, count).Select(n => AddressOf(server, n)))
        {
            using var command = database.CreateCommand();
            command.CommandText = "INSERT INTO accounts (domain_id, address, address_key, created_at) SELECT domain_id, @address, @address, created_at FROM accounts LIMIT 1";
            command.Parameters.AddWithValue("@address", address);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    [Fact]
    public async Task A_killed_restore_is_not_served_and_can_be_repeated()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        for (var i = 0; i < 60; i++) await server.DeliverAsync(TestMail.Text(user, "letter", new string('x', 20_000) + "\r\n"), user);
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        Assert.Equal(0, await server.StopAsync());
        var data = Path.Combine(server.Folder, "data");
        Directory.Delete(data, recursive: true);

        using (var restore = Process.Start(new ProcessStartInfo(ProjectPaths.Executable, ["restore", backups, "--config", server.ConfigFile]) { Environment = { ["DOTNET_ROOT"] = ProjectPaths.DotnetRoot }, RedirectStandardOutput = true, UseShellExecute = false })!)
        {
            while (!Directory.Exists(Path.Combine(data, "maildir")) || !Directory.EnumerateFiles(Path.Combine(data, "maildir"), "*", SearchOption.AllDirectories).Any())
            {
                if (restore.HasExited) break;
                await Task.Delay(1);
            }

            restore.Kill();
            await restore.WaitForExitAsync();
        }

        // Whenever it is killed, it leaves this marker and part of the files.
        File.WriteAllText(Path.Combine(data, "restore.incomplete"), "");
        foreach (var command in new[] { "serve", "migrate" })
        {
            var refused = await server.CliAsync(command);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("run 'mailserver restore' again", refused.Error, StringComparison.Ordinal);
        }

        (await server.CliAsync("restore", backups)).Succeeded();
        await server.StartAsync();
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        Assert.Equal(60, inbox.Count);
    }

    private static async Task RefusesMailAsync(DamageTestBed world)
    {
        await using var wire = await WireClient.ConnectAsync(world.Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        var large = TestMail.Text(world.First, "large", string.Concat(Enumerable.Repeat("some words of a large message\r\n", 20_000)));
        Assert.StartsWith("452", await wire.TransactionAsync("someone@sender.example", [world.First], large), StringComparison.Ordinal);
        // The session continues.
        Assert.StartsWith("250", await wire.SmtpAsync("NOOP"), StringComparison.Ordinal);
    }
}
