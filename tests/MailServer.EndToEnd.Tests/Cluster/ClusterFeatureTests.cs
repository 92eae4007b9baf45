using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Dav;
using MailServer.EndToEnd.Tests.WebPage;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Acme;
using MailServer.Storage.Tests.Postgres;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Shared features of two nodes: one node orders certificates and reports for both, everything is visible from either, and outsiders are refused.</summary>
[Collection(nameof(ClusterCollection))]
public sealed class ClusterFeatureTests(TwoNodeFixture two) : IClassFixture<TwoNodeFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private ClusterRig Rig => two.Rig;

    [ClientFact(PebbleServer.Program)]
    public async Task One_node_orders_certificates_and_the_other_answers_the_challenges_and_serves_them()
    {
        var (oldest, other) = await two.ByAgeAsync();
        var before = await TwoNodeFixture.SerialAsync(other);
        // The authority checks the node that did not order.
        await two.Authority!.TellDnsAsync("clear-a", """{"host":"mail.example.test"}""");
        await two.Authority.TellDnsAsync("add-a", $$"""{"host":"mail.example.test","addresses":["{{other.Address}}"]}""");
        Assert.Equal("mail.example.test", JsonOf(await other.CliAsync("tls", "show", "--json"))[0].GetProperty("name").GetString());
        (await other.CliAsync("tls", "renew", "mail.example.test")).Succeeded();
        await Eventually.BecomesTrueAsync(
            async () => await TwoNodeFixture.SerialAsync(oldest) is { } serial && serial != before && serial == await TwoNodeFixture.SerialAsync(other), "both show the new one", Patience);
        Assert.Contains("Certificate for mail.example.test issued", oldest.Log, StringComparison.Ordinal);
    }

    [ClientFact(PebbleServer.Program)]
    public async Task A_report_covers_what_both_nodes_saw_and_is_sent_once()
    {
        await two.Authority!.TellDnsAsync("set-txt", """{"host":"_dmarc.author.test.","value":"v=DMARC1; p=none; rua=mailto:rua@author.test"}""");
        foreach (var node in Rig.Nodes) await SendAsync(node, "someone@author.test", Rig.Accounts[0]);
        foreach (var node in Rig.Nodes)
            await Eventually.BecomesTrueAsync(async () => JsonOf(await node.CliAsync("dmarc", "report", "send", "--day", "today", "--dry-run", "--json")) is [{ } about] && about.GetProperty("messages").GetInt64() == 2, node.Name + " knows of both", Patience);
        var sent = Assert.Single(JsonOf(await Rig.B.CliAsync("dmarc", "report", "send", "--day", "today", "--json")));
        Assert.Equal(("author.test", "mailto:rua@author.test", "sent"), (sent.GetProperty("domain").GetString(), sent.GetProperty("destinations")[0].GetString(), sent.GetProperty("outcome").GetString()));
        foreach (var node in Rig.Nodes)
        {
            Assert.Empty(JsonOf(await node.CliAsync("dmarc", "report", "send", "--day", "today", "--json")));
            Assert.Single(JsonOf(await node.CliAsync("dmarc", "report", "list", "--sent", "--json")));
        }
    }

    /// <summary>With a script as <c>MAILSERVER_BIN</c> that starts an older version for one node, this shows that a rolling upgrade interrupts nothing.</summary>
    [PostgresFact]
    public async Task Either_node_stores_events_and_answers_reports_for_accounts_on_any_node()
    {
        await two.ByAgeAsync();
        const string Range = "<C:time-range start='20270101T000000Z' end='20270201T000000Z'/>";
        const string Query = "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data><C:expand start='20270101T000000Z' end='20270201T000000Z'/></C:calendar-data></D:prop>"
            + $"<C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'>{Range}<C:prop-filter name='SUMMARY'><C:text-match>Event</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
        foreach (var account in Rig.Accounts)
        {
            var stored = 0;
            foreach (var node in Rig.Nodes)
            {
                using var client = new DavClient(new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{node.Address}:{node.Dav}")), account, ClusterRig.Password);
                Assert.Equal(HttpStatusCode.Created, (await client.PutAsync($"{client.Calendar}{node.Name}.ics", DavClient.Event(node.Name, "RRULE:FREQ=DAILY;COUNT=3\r\n"))).Status);
                stored++;
                Assert.Equal(HttpStatusCode.Forbidden, (await client.PutAsync($"{client.Calendar}bad.ics", "BEGIN:VCALENDAR\r\n")).Status);
                foreach (var reader in Rig.Nodes)
                {
                    using var other = new DavClient(new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{reader.Address}:{reader.Dav}")), account, ClusterRig.Password);
                    var found = await other.SendAsync("REPORT", other.Calendar, Query, ("Depth", "1"));
                    Assert.Equal((HttpStatusCode.MultiStatus, stored, stored * 3), (found.Status, found.Hrefs.Count, found.Body.Split("BEGIN:VEVENT").Length - 1));
                    var busy = await other.SendAsync("REPORT", other.Calendar, $"<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'>{Range}</C:free-busy-query>");
                    Assert.Equal((HttpStatusCode.OK, 3), (busy.Status, busy.Body.Split("FREEBUSY;").Length - 1));
                }
            }
        }
    }

    [PostgresFact]
    public async Task Sessions_of_all_nodes_can_be_listed_and_ended_from_either_node_and_the_page_lists_the_nodes()
    {
        await two.ByAgeAsync();
        using var onA = await ImapAsync(Rig.A, Rig.Accounts[0]);
        using var onB = await ImapAsync(Rig.B, Rig.Accounts[0]);
        foreach (var node in Rig.Nodes)
        {
            var sessions = JsonOf(await node.CliAsync("sessions", "list", "--account", Rig.Accounts[0], "--json"));
            Assert.Equal(["a", "b"], sessions.Select(s => s.GetProperty("node").GetString()).Order(StringComparer.Ordinal));
            // One mailbox on one node, for every session.
            Assert.True(Assert.Single(sessions.Select(s => s.GetProperty("mailbox_node").GetString()).Distinct()) is "a" or "b");
        }

        var far = JsonOf(await Rig.A.CliAsync("sessions", "list", "--json")).First(s => s.GetProperty("node").GetString() == "b").GetProperty("id").GetString()!;
        Assert.Contains("imap", (await Rig.A.CliAsync("sessions", "show", far)).Succeeded().Output, StringComparison.Ordinal);

        (await Rig.A.CliAsync("user", "admin", "grant", Rig.Accounts[1])).Succeeded();
        using var browser = new Browser(two.Page(Rig.B));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(Rig.Accounts[1], ClusterRig.Password)).Status);
        var page = (await browser.GetAsync("/admin/cluster")).Html;
        Assert.All(["certificates, reports, coordination", "this node", Rig.A.Address, Rig.B.Address, "is Up", "href=\"/admin/cluster\""], t => Assert.Contains(t, page, StringComparison.Ordinal));

        (await Rig.A.CliAsync("sessions", "kick", far)).Succeeded();
        await Eventually.BecomesTrueAsync(async () => JsonOf(await Rig.A.CliAsync("sessions", "list", "--json")).All(s => s.GetProperty("id").GetString() != far), "the session ends");
    }

    [PostgresFact]
    public async Task A_folder_is_shared_with_sessions_of_both_nodes_until_its_owner_on_either_node_revokes_it()
    {
        await two.ByAgeAsync();
        var (owner, guest) = (Rig.Accounts[1], Rig.Accounts[2]);
        await SendAsync(Rig.A, "someone@elsewhere.test", owner);
        foreach (var node in Rig.Nodes)
        {
            using var theirs = await ImapAsync(node, owner);
            await theirs.Inbox.SetAccessRightsAsync(guest, new AccessRights("lrs"));
            var readers = new List<ImapClient>();
            foreach (var reader in Rig.Nodes)
            {
                var client = await ImapAsync(reader, guest);
                readers.Add(client);
                var shared = await client.GetFolderAsync($"Other Users/{owner}/INBOX");
                await shared.OpenAsync(FolderAccess.ReadOnly);
                using (var message = await shared.GetMessageAsync(0)) Assert.NotEmpty(message.Headers);
                Assert.Contains(AccessRight.SetMessageSeen, await shared.GetMyAccessRightsAsync());
                await Assert.ThrowsAsync<ImapCommandException>(() => shared.GetAccessControlListAsync());
            }

            await theirs.Inbox.RemoveAccessAsync(guest);
            foreach (var client in readers)
            {
                await Eventually.BecomesTrueAsync(async () => await HasEndedAsync(client), "the selected folder ends");
                client.Dispose();
                using var again = await ImapAsync(Rig.A, guest);
                await Assert.ThrowsAsync<FolderNotFoundException>(() => again.GetFolderAsync($"Other Users/{owner}/INBOX"));
            }
        }

        static async Task<bool> HasEndedAsync(ImapClient client)
        {
            try
            {
                await client.NoOpAsync();
                return false;
            }
            catch (Exception e) when (e is ImapProtocolException or IOException or ServiceNotConnectedException)
            {
                return true;
            }
        }
    }

    [PostgresFact]
    public async Task Cluster_events_are_available_from_every_node_and_sent_to_followers()
    {
        var (oldest, other) = await two.ByAgeAsync();
        foreach (var account in Rig.Accounts)
        {
            using var opened = await ImapAsync(other, account);
        }

        await using var follower = new BackgroundProgram(Rig.Folder, ProjectPaths.Executable, "cluster", "events", "--follow", "--max", "0", "--json", "--config", other.ConfigFile);
        await Task.Delay(1_000);
        await oldest.KillAsync();
        string[] expected = ["\"unreachable\"", "\"removed\"", "\"lease\"", "\"singleton\""];
        await Eventually.BecomesTrueAsync(() => Array.TrueForAll(expected, e => follower.Output.Contains(e, StringComparison.Ordinal)), "the follower is told", Patience);
        Assert.Contains("certificates", (await other.CliAsync("cluster", "events")).Succeeded().Output + (two.Authority is null ? "certificates" : ""), StringComparison.Ordinal);
        Assert.Contains("reports started on this node", (await other.CliAsync("cluster", "events")).Succeeded().Output, StringComparison.Ordinal);
        (await other.CliAsync("dmarc", "report", "list", "--json")).Succeeded();
        (await other.CliAsync("tls", "show")).Succeeded();
        await oldest.StartAsync();
        await ClusterRig.BothAreUpAsync(other);
        // Later readers get the history.
        await Eventually.BecomesTrueAsync(async () => (await oldest.CliAsync("cluster", "events")).Output.Contains("was removed from the cluster", StringComparison.Ordinal), "it is told what it missed");
        Assert.Contains("removed", (await oldest.CliAsync("cluster", "events", "--json")).Succeeded().Output, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Nodes_with_a_foreign_certificate_or_plain_text_are_refused()
    {
        var (oldest, other) = await two.ByAgeAsync();
        Assert.True(await IsLetInAsync(oldest, "b"), "a node's certificate opens the door");
        Assert.False(await IsLetInAsync(oldest, "foreign"), "a foreign certificate does not");
        Assert.False(await IsLetInAsync(oldest, null), "and none does not");

        await other.SignalAsync("TERM");
        Assert.Equal(0, await other.ExitCodeAsync(Patience));
        var configured = await File.ReadAllTextAsync(other.ConfigFile);
        var keys = two.Keys(other.Name, "ours");
        foreach (var wrong in new[] { two.Keys("foreign", "theirs"), two.Keys("foreign", "ours"), "" })
        {
            await File.WriteAllTextAsync(other.ConfigFile, configured.Replace(keys, wrong, StringComparison.Ordinal));
            await other.StartAsync();
            await Task.Delay(2_500);
            Assert.Single(JsonOf(await oldest.CliAsync("cluster", "show", "--json")));
            await other.KillAsync();
        }

        Assert.Contains("our authority did not issue", oldest.Log, StringComparison.Ordinal);
        await File.WriteAllTextAsync(other.ConfigFile, configured);
        await other.StartAsync();
        await ClusterRig.BothAreUpAsync(oldest);
    }

    [PostgresFact]
    public async Task Without_the_database_cached_data_is_served_and_the_rest_is_refused_temporarily()
    {
        await two.ByAgeAsync();
        const string Stranger = "stranger@example.test";
        (await Rig.A.CliAsync("user", "add", Stranger, "--password", ClusterRig.Password)).Succeeded();
        var (node, known) = (Rig.A, Rig.Accounts[2]);
        await SendAsync(node, "someone@elsewhere.test", known);
        using var open = await ImapAsync(node, known);
        Assert.DoesNotContain("shared database", await HealthAsync(node), StringComparison.Ordinal);

        Rig.Database.Stop("QUIT");
        try
        {
            await Eventually.BecomesTrueAsync(async () => (await HealthAsync(node)).Contains("shared database: does not answer", StringComparison.Ordinal), "health says so", Patience);
            await SendAsync(node, "someone@elsewhere.test", known);
            await open.NoOpAsync();
            await open.Inbox!.OpenAsync(FolderAccess.ReadOnly);
            using (var again = await ImapAsync(node, known)) Assert.True(again.IsAuthenticated);

            var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(node, "someone@elsewhere.test", Stranger));
            Assert.Equal(451, (int)refused.StatusCode);
            Assert.Contains("[UNAVAILABLE]", await LoginAsync(node, Stranger), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await DavAsync(node, Stranger));
            Assert.Equal(HttpStatusCode.MultiStatus, await DavAsync(node, known));
        }
        finally
        {
            Rig.Database.Start();
        }

        await Eventually.BecomesTrueAsync(async () => !(await HealthAsync(node)).Contains("shared database", StringComparison.Ordinal), "health says that it is back", Patience);
        await Eventually.BecomesTrueAsync(async () => (await LoginAsync(node, Stranger)).StartsWith("a OK", StringComparison.Ordinal), "the stranger comes in");
        await SendAsync(node, "someone@elsewhere.test", Stranger);
        Assert.Equal(HttpStatusCode.MultiStatus, await DavAsync(node, Stranger));
        await ClusterRig.BothAreUpAsync(node);
    }

    [PostgresFact]
    public async Task A_backup_of_a_cluster_includes_the_database_and_restores_only_into_an_empty_one()
    {
        await two.ByAgeAsync();
        await SendAsync(Rig.B, "someone@elsewhere.test", Rig.Accounts[0]);
        var backups = Path.Combine(Rig.Folder, "backups");
        (await Rig.A.CliAsync("backup", backups)).Succeeded();
        (await Rig.A.CliAsync("backup", "verify", backups)).Succeeded();
        Assert.Contains("the server is running", (await Rig.A.CliAsync("restore", backups)).Error, StringComparison.Ordinal);

        var before = await File.ReadAllTextAsync(Rig.A.ConfigFile);
        var elsewhere = Path.Combine(Rig.Folder, "restored.yaml");
        async Task<ProgramRun> RestoreAsync(string config)
        {
            await File.WriteAllTextAsync(elsewhere, config.Replace($"data_dir: {Rig.Folder}/data", $"data_dir: {Rig.Folder}/restored", StringComparison.Ordinal));
            return await ProgramRun.StartAsync(ProjectPaths.Executable, ["restore", backups, "--config", elsewhere]);
        }

        // Not without a database, and not into one that is in use.
        Assert.Contains("is a cluster backup", (await RestoreAsync(before.Replace("  enabled: true\n  node:", "  enabled: false\n  node:", StringComparison.Ordinal))).Error, StringComparison.Ordinal);
        Assert.Contains("is not empty", (await RestoreAsync(before)).Error, StringComparison.Ordinal);
        var used = before.Split('\n').Single(l => l.StartsWith("  database: ", StringComparison.Ordinal))["  database: ".Length..];
        var empty = Rig.Database.CreateDatabase();
        (await RestoreAsync(before.Replace(used, empty, StringComparison.Ordinal))).Succeeded();
        foreach (var table in new[] { "accounts", "credentials", "journal" })
            Assert.Equal(Rig.Database.QueryAt(used, $"SELECT count(*) FROM {table}"), Rig.Database.QueryAt(empty, $"SELECT count(*) FROM {table}"));
        Assert.Equal(Rig.Database.QueryAt(used, "SELECT md5(string_agg(c::text, '|' ORDER BY account_id)) FROM credentials c"), Rig.Database.QueryAt(empty, "SELECT md5(string_agg(c::text, '|' ORDER BY account_id)) FROM credentials c"));
        Assert.NotEmpty(Directory.GetFiles($"{Rig.Folder}/restored/maildir/user_1/INBOX/cur"));
        // No id is reused.
        (await ProgramRun.StartAsync(ProjectPaths.Executable, ["user", "add", "later@example.test", "--password", ClusterRig.Password, "--config", elsewhere])).Succeeded();
        Assert.Equal("t", Rig.Database.QueryAt(empty, $"SELECT max(id) > {Rig.Database.QueryAt(used, "SELECT max(id) FROM accounts")} FROM accounts"));
    }

    [PostgresFact]
    public async Task Settings_of_a_domain_made_at_one_node_count_at_both()
    {
        foreach (var (here, there) in new[] { (Rig.A, Rig.B), (Rig.B, Rig.A) })
        {
            var (domain, stranger) = ($"set-at-{here.Name}.test", $"anyone@set-at-{here.Name}.test");
            (await here.CliAsync("domain", "add", domain)).Succeeded();
            Assert.False(await IsAcceptedAsync(there, stranger));
            (await here.CliAsync("domain", "catch-all", domain, Rig.Accounts[0])).Succeeded();
            foreach (var node in Rig.Nodes) await Eventually.BecomesTrueAsync(() => IsAcceptedAsync(node, stranger), node.Name + " accepts mail for the catch-all address", Patience);
            (await there.CliAsync("domain", "disable", domain)).Succeeded();
            foreach (var node in Rig.Nodes) await Eventually.BecomesTrueAsync(async () => !await IsAcceptedAsync(node, stranger), node.Name + " refuses mail for the disabled domain", Patience);
            (await here.CliAsync("domain", "enable", domain)).Succeeded();
            foreach (var node in Rig.Nodes) await Eventually.BecomesTrueAsync(() => IsAcceptedAsync(node, stranger), node.Name + " accepts mail again", Patience);
            foreach (var node in Rig.Nodes) Assert.Contains(Rig.Accounts[0], (await node.CliAsync("domain", "show", domain)).Succeeded().Output, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task The_history_of_both_nodes_is_shown_by_either()
    {
        var before = await ReceivedAsync(Rig.A);
        foreach (var node in Rig.Nodes) await SendAsync(node, "someone@author.test", Rig.Accounts[0]);
        foreach (var node in Rig.Nodes)
        {
            var all = await ReceivedAsync(node);
            Assert.True(all >= before + 2, $"{before} and then {all} messages at {node.Name}");
            var each = await Task.WhenAll(Rig.Nodes.Select(which => ReceivedAsync(node, which.Name)));
            Assert.Equal(all, each.Sum());
            Assert.All(each, static received => Assert.True(received > 0, "each node received mail"));
        }
    }

    private static async Task<long> ReceivedAsync(ClusterNode node, string? of = null)
    {
        var points = JsonOf(await node.CliAsync(of is null ? ["history", "--json"] : ["history", "--json", "--node", of]));
        return points.Sum(static p => p.GetProperty("received").GetInt64());
    }

    private static async Task<bool> IsAcceptedAsync(ClusterNode node, string to)
    {
        try
        {
            await SendAsync(node, "someone@author.test", to);
            return true;
        }
        catch (SmtpCommandException e) when ((int)e.StatusCode >= 500)
        {
            return false;
        }
    }

    private static JsonElement[] JsonOf(ProgramRun run)
    {
        using var json = JsonDocument.Parse(run.Succeeded().Output);
        return [.. json.RootElement.EnumerateArray().Select(static e => e.Clone())];
    }

    private static async Task SendAsync(ClusterNode node, string from, string to)
    {
        using var client = new SmtpClient { Timeout = 15_000 };
        await client.ConnectAsync(node.Address, node.Smtp, SecureSocketOptions.None);
        using var message = new MimeMessage { Subject = "from the outside", Body = new TextPart("plain") { Text = "text" } };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.Add(MailboxAddress.Parse(to));
        await client.SendAsync(message);
    }

    private static async Task<ImapClient> ImapAsync(ClusterNode node, string account)
    {
        var client = new ImapClient { Timeout = 15_000 };
        await client.ConnectAsync(node.Address, node.Imap, SecureSocketOptions.None);
        await client.AuthenticateAsync(account, ClusterRig.Password);
        await client.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        return client;
    }

    /// <summary>The reply of the server to LOGIN.</summary>
    private static async Task<string> LoginAsync(ClusterNode node, string account)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Address, node.Imap);
        using var reader = new StreamReader(client.GetStream());
        await reader.ReadLineAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"a LOGIN {account} \"{ClusterRig.Password}\"\r\n"));
        return await reader.ReadLineAsync() ?? "";
    }

    private static async Task<HttpStatusCode> DavAsync(ClusterNode node, string account)
    {
        using var http = Mail.Certificates.TrustingHttp();
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{node.Address}:{node.Dav}/")));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{ClusterRig.Password}")));
        request.Headers.Add("Depth", "0");
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<string> HealthAsync(ClusterNode node)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(two.Page(node), "/health"));
    }

    /// <summary>Whether the node port continues after a handshake with this certificate.</summary>
    private async Task<bool> IsLetInAsync(ClusterNode node, string? who)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Address, Rig.ClusterPort);
        await using var tls = new SslStream(client.GetStream());
        using var certificate = who is null ? null : two.Certificate(who);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = node.Address,
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
            // With TLS 1.3 the refusal arrives after the client has finished its handshake.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            return await tls.ReadAsync(new byte[1], patience.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            // The node waits for data: it has accepted the client.
            return true;
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }
}
