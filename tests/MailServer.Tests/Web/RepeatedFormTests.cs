using System.Text.RegularExpressions;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using OtpNet;

namespace MailServer.Tests.Web;

/// <summary>
/// Every form of the page, posted twice at the same time and once more afterwards, as by a double click and a reload: all get the same result, no failure is reported, and
/// the action ran once. A form without a row fails the test.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class RepeatedFormTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Dan = "dan@example.org";
    private const string Eva = "eva@example.org";

    /// <summary>Path, the page with the form, and what is entered. The order matters: each makes the state for later ones.</summary>
    private static readonly (string Path, string Page, string Fields)[] Rows =
    [
        ("/me/devices/add", "/me/devices", "name=Phone&scope=mail&current=PASSWORD"),
        ("/me/devices/require", "/me/devices/require?only=yes", "current=PASSWORD"),
        ("/me/devices/remove", "/me/devices/remove?name=Phone", ""),
        ("/me/sign-ins/end", "/me/sign-ins", ""),
        ("/me/sign-ins/end-others", "/me/sign-ins", ""),
        ("/me/security/codes/begin", "/me/security", ""),
        ("/me/security/codes/confirm", "/me/security", "code=CODE&current=PASSWORD"),
        ("/me/security/codes/recovery", "/me/security", "current=PASSWORD"),
        ("/me/security/codes/end", "/me/security", "current=PASSWORD"),
        ("/me/security/password", "/me/security", "current=PASSWORD&new=a+new+passphrase+8&again=a+new+passphrase+8"),
        ("/me/calendars/share", "/me/calendars", "collection=calendars/calendar&with=ben%40example.org&access=read"),
        ("/me/calendars/unshare", "/me/calendars", "collection=calendars/calendar"),
        ("/me/calendars/link", "/me/calendars", "collection=calendars/calendar"),
        ("/me/calendars/unlink", "/me/calendars/unlink?collection=calendars/calendar", ""),
        ("/me/calendars/import", "/me/calendars", "collection=calendars/calendar"),
        ("/me/rules/activate", "/me/rules", "include=no"),
        ("/me/rules/save", "/me/rules/edit", "name=Twice&what-1=subject&how-1=contains&value-1=x&place=delete"),
        ("/me/rules/switch", "/me/rules", "number=2&on=no"),
        ("/me/rules/move", "/me/rules", "number=2&position=1"),
        ("/me/rules/include", "/me/rules", "name=other"),
        ("/me/rules/apply", "/me/rules/apply?folder=INBOX&number=all", ""),
        ("/me/rules/remove", "/me/rules/remove?number=1&version=VERSION", ""),
        ("/me/forwarding/ask", "/me/forwarding", "address=ben%40example.org&current=PASSWORD"),
        ("/me/forwarding/forget", "/me/forwarding/forget?address=ben%40example.org", ""),
        ("/me/out-of-office/save", "/me/out-of-office", "text=Away&zone=UTC"),
        ("/me/out-of-office/off", "/me/out-of-office", ""),
        ("/admin/domains/add", "/admin/domains", "domain=twice.example"),
        ("/admin/domains/quota", "/admin/domains/show?domain=twice.example", "size=2G"),
        ("/admin/domains/alias-of", "/admin/domains/show?domain=name.example", "other=example.org"),
        ("/admin/domains/catch-all", "/admin/domains/show?domain=twice.example", "targets=ann%40example.org"),
        ("/admin/domains/mta-sts", "/admin/domains/show?domain=twice.example", "mode=enforce"),
        ("/admin/domains/comment", "/admin/domains/show?domain=twice.example", "comment=sent+twice"),
        ("/admin/domains/disable", "/admin/domains/disable?domain=twice.example", ""),
        ("/admin/domains/enable", "/admin/domains/show?domain=twice.example", ""),
        ("/admin/domains/dkim/rotate", "/admin/domains/dkim?domain=twice.example", ""),
        ("/admin/domains/dkim/retire", "/admin/domains/dkim/retire?domain=twice.example&selector=NEXT", ""),
        ("/admin/domains/remove", "/admin/domains/remove?domain=twice.example", "typed=twice.example"),
        ("/admin/accounts/add", "/admin/accounts", "address=twice%40example.org&new=a+new+passphrase+8"),
        ("/admin/accounts/password", "/admin/accounts/show?address=twice%40example.org", "new=a+newer+passphrase+8&current=PASSWORD"),
        ("/admin/accounts/invitation/add", "/admin/accounts/show?address=twice%40example.org", "days=1&current=PASSWORD"),
        ("/admin/accounts/invitation/remove", "/admin/accounts/show?address=twice%40example.org", ""),
        ("/admin/accounts/import", "/admin/accounts/import", "how=generate&what=add"),
        ("/admin/accounts/quota", "/admin/accounts/show?address=twice%40example.org", "size=5G"),
        ("/admin/accounts/disable", "/admin/accounts/disable?address=twice%40example.org", ""),
        ("/admin/accounts/enable", "/admin/accounts/show?address=twice%40example.org", ""),
        ("/admin/accounts/grant", "/admin/accounts/grant?address=twice%40example.org", "current=PASSWORD"),
        ("/admin/accounts/revoke", "/admin/accounts/revoke?address=twice%40example.org", ""),
        ("/admin/accounts/device", "/admin/accounts/device?address=eva%40example.org&name=Old", ""),
        ("/admin/accounts/codes", "/admin/accounts/codes?address=eva%40example.org", "current=PASSWORD"),
        ("/admin/accounts/remove", "/admin/accounts/remove?address=twice%40example.org", "typed=twice%40example.org"),
        ("/admin/aliases/add", "/admin/aliases", "address=both%40example.org&targets=ann%40example.org"),
        ("/admin/aliases/targets/add", "/admin/aliases/show?address=both%40example.org", "targets=ben%40example.org"),
        ("/admin/aliases/targets/remove", "/admin/aliases/show?address=both%40example.org", "target=ben%40example.org"),
        ("/admin/aliases/comment", "/admin/aliases/show?address=both%40example.org", "comment=sent+twice"),
        ("/admin/aliases/disable", "/admin/aliases/disable?address=both%40example.org", ""),
        ("/admin/aliases/enable", "/admin/aliases/show?address=both%40example.org", ""),
        ("/admin/aliases/remove", "/admin/aliases/remove?address=both%40example.org", "typed=both%40example.org"),
        ("/admin/lists/add", "/admin/lists", "address=posts%40example.org&owner=ann%40example.org&members=ann%40example.org"),
        ("/admin/lists/settings", "/admin/lists/show?address=posts%40example.org", "owner=ben%40example.org&name=Posts&post=anyone&replies=list"),
        ("/admin/lists/members/add", "/admin/lists/show?address=posts%40example.org", "members=ben%40example.org"),
        ("/admin/lists/members/remove", "/admin/lists/show?address=posts%40example.org", "member=ben%40example.org"),
        ("/admin/lists/disable", "/admin/lists/disable?address=posts%40example.org", ""),
        ("/admin/lists/enable", "/admin/lists/show?address=posts%40example.org", ""),
        ("/admin/lists/remove", "/admin/lists/remove?address=posts%40example.org", "typed=posts%40example.org"),
        ("/admin/queue/retry", "/admin/queue/show?id=MESSAGE", ""),
        ("/admin/queue/hold", "/admin/queue/show?id=MESSAGE", ""),
        ("/admin/queue/release", "/admin/queue/show?id=MESSAGE", ""),
        ("/admin/queue/delete", "/admin/queue/delete?id=MESSAGE", ""),
        ("/admin/queue/all/hold", "/admin/queue/select?domain=all.example", ""),
        ("/admin/queue/all/release", "/admin/queue/select?domain=all.example", ""),
        ("/admin/queue/all/retry", "/admin/queue/select?domain=all.example", ""),
        ("/admin/queue/all/delete", "/admin/queue/all/delete?filter=domain%3Dall.example", "typed=delete"),
        ("/admin/queue/test/send", "/admin/queue/test", "recipient=ben%40example.org&sender=ann%40example.org"),
        ("/admin/queue/pause", "/admin/queue", "domain=pause.example&reason=twice"),
        ("/admin/queue/resume", "/admin/queue", "domain=pause.example"),
        ("/admin/bans/add", "/admin/bans", "address=192.0.2.55&hours=1&reason=twice"),
        ("/admin/bans/remove", "/admin/bans", "address=192.0.2.55"),
        ("/admin/bans/allow", "/admin/bans", "address=198.51.100.0%2F24&reason=twice&current=PASSWORD"),
        ("/admin/bans/disallow", "/admin/bans", "address=198.51.100.0%2F24"),
        ("/admin/health/rerun", "/admin/health", "name=all"),
    ];

    private static readonly (string Path, string Reason)[] WithoutRow =
    [
        ("/sign-in", "A_sign_in_with_a_code_that_is_sent_twice_succeeds_and_begins_one_session"),
        ("/sign-in/code", "the same"),
        ("/invitation", "InvitationTests"),
        ("/sign-out", "A_sign_out_that_is_sent_twice_leads_to_the_sign_in_page"),
        ("/admin/domains/dkim/activate", "needs records in DNS"),
        ("/me/sign-ins/disconnect", "needs a session of a mail client, and this node serves none"),
        ("/admin/sessions/kick", "needs a session of a mail client, and this node serves none"),
        ("/admin/certificates/renew", "needs a certificate authority"),
        ("/me/data/import", "OwnDataTests"),
        ("/me/rules/replace", "RulesTests"),
        ("/me/forwarding/confirm", "needs the code of a message (RulesTests)"),
        ("/me/forwarding/set", "needs an address that has agreed (RulesTests)"),
        ("/admin/backups/run", "BackupsPageTests"),
        ("/admin/backups/verify", "BackupsPageTests"),
        ("/admin/backups/restore", "BackupsPageTests"),
    ];

    [Fact]
    public void Every_form_has_a_row() => Assert.Equal(
        PageRoutes.Routes(new PageSessions(Limits.Default, TimeProvider.System)).Where(static r => r.IsChange).Select(static r => r.Path).Order(StringComparer.Ordinal),
        Rows.Select(static r => r.Path).Concat(WithoutRow.Select(static r => r.Path)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_form_that_is_sent_twice_succeeds_and_takes_effect_once()
    {
        var message = await ArrangeAsync();
        using var dan = await PageVisitor.SignedInAsync(node, Dan);
        for (var i = 0; i < 2; i++) (await PageVisitor.SignedInAsync(node, Dan)).Dispose();
        var faults = new List<string>();
        var password = TestNode.Password;
        foreach (var (path, page, fields) in Rows)
        {
            var from = page.Replace("MESSAGE", message, StringComparison.Ordinal);
            if (from.Contains("NEXT", StringComparison.Ordinal))
                from = from.Replace("NEXT", Retire().Matches((await dan.OpenAsync("/admin/domains/dkim?domain=twice.example")).Html).Last().Groups["selector"].Value, StringComparison.Ordinal);
            if (from.Contains("VERSION", StringComparison.Ordinal)) from = from.Replace("VERSION", Version().Match((await dan.OpenAsync("/me/rules")).Html).Groups["version"].Value, StringComparison.Ordinal);
            var code = fields.Contains("CODE", StringComparison.Ordinal) ? new Totp(Base32Encoding.ToBytes(Secret().Match((await dan.OpenAsync(page)).Html).Groups["secret"].Value)).ComputeTotp() : "";
            var entered = fields.Replace("PASSWORD", Uri.EscapeDataString(password), StringComparison.Ordinal).Replace("CODE", code, StringComparison.Ordinal);
            var form = await dan.FillAsync(from, path, entered);
            var file = path == "/admin/accounts/import" ? "address,password\nimported@example.org,\n" : path.EndsWith("/import", StringComparison.Ordinal) ? "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:twice\r\nDTSTAMP:20260101T100000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:Walk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" : null;
            var answers = await Task.WhenAll(dan.SendAsync(path, form, file), dan.SendAsync(path, form, file));
            if (path == "/me/security/password") password = "a new passphrase 8";
            PageAnswer[] all = [.. answers, await dan.SendAsync(path, form, file)];
            if (all.Any(static a => a.Status is not (200 or 303))) faults.Add($"{path}: {string.Join(", ", all.Select(static a => a.Status))} {string.Join('|', all.Select(PageVisitor.Says))}");
            if (all.Select(static a => a.Location + SecretText().Match(a.Html).Value).Distinct().Count() != 1) faults.Add($"{path}: different results");
            var notice = PageVisitor.Says(await dan.FollowAsync(all[^1]));
            if (all[0].Status == 303 && path != "/me/security/codes/begin" && (notice.Length == 0 || notice.Contains("Nothing changed", StringComparison.Ordinal))) faults.Add($"{path}: said “{notice}”");
        }

        var runs = await RunsAsync();
        foreach (var (path, _, _) in Rows)
        {
            var times = runs.Count(l => Regex.IsMatch(l, Regex.Escape(path) + "( |$)", RegexOptions.None, TimeSpan.FromSeconds(1)));
            if (times != 1) faults.Add($"{path}: ran {times} times");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task The_password_of_a_new_device_is_shown_again_on_reload_but_not_in_another_session_and_not_for_a_changed_form()
    {
        await node.Commands.RunAsync("user", "app-password", "remove", TestNode.Ben, "Tablet");
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        using var other = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var form = await ben.FillAsync("/me/devices", "/me/devices/add", "name=Tablet&scope=mail&current=" + Uri.EscapeDataString(TestNode.Password));
        var first = SecretText().Match((await ben.SendAsync("/me/devices/add", form)).Html).Value;
        Assert.NotEmpty(first);
        Assert.Equal(first, SecretText().Match((await ben.SendAsync("/me/devices/add", form)).Html).Value);
        Assert.DoesNotContain(first, (await ben.OpenAsync("/me/devices")).Html, StringComparison.Ordinal);
        Assert.Equal(403, (await other.SendAsync("/me/devices/add", form)).Status);
        var changed = form.Select(static f => f.Key == "name" ? KeyValuePair.Create(f.Key, "Tablet 2") : f).ToList();
        Assert.NotEqual(first, SecretText().Match((await ben.SendAsync("/me/devices/add", changed)).Html).Value);
    }

    [Fact]
    public async Task A_sign_in_with_a_code_that_is_sent_twice_succeeds_and_begins_one_session()
    {
        await node.Commands.RunAsync("user", "add", "fay@example.org", "--password", TestNode.Password);
        var secret = Base32().Match((await node.Commands.RunAsync("user", "totp", "enable", "fay@example.org")).Out).Value;
        using var fay = PageVisitor.Anonymous(node);
        var form = await fay.FillAsync("/sign-in", "/sign-in", "address=fay%40example.org&password=" + Uri.EscapeDataString(TestNode.Password));
        var asked = await Task.WhenAll(fay.SendAsync("/sign-in", form), fay.SendAsync("/sign-in", form));
        Assert.All(asked, static a => Assert.Equal(200, a.Status));
        var token = PageAnswer.HiddenOf(PageAnswer.FormsOf(asked[0].Html, "/sign-in/code").Single());
        List<KeyValuePair<string, string>> code = [.. token, KeyValuePair.Create("code", new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp())];
        var answers = await Task.WhenAll(fay.SendAsync("/sign-in/code", code), fay.SendAsync("/sign-in/code", code));
        Assert.All(answers, static a => Assert.Equal((303, "/"), (a.Status, a.Location)));
        Assert.Equal(200, (await fay.OpenAsync("/me")).Status);
    }

    [Fact]
    public async Task A_sign_out_that_is_sent_twice_leads_to_the_sign_in_page()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var form = await ben.FillAsync("/me", "/sign-out", "");
        var answers = await Task.WhenAll(ben.SendAsync("/sign-out", form), ben.SendAsync("/sign-out", form));
        Assert.All(answers, static a => Assert.Equal((303, "/sign-in"), (a.Status, a.Location)));
        Assert.Equal("/sign-in", (await ben.SendAsync("/sign-out", form)).Location);
    }

    /// <summary>An administrator, an account with a device and codes, and a message in the queue.</summary>
    private async Task<string> ArrangeAsync()
    {
        await node.CliAsync("domain", "add", "name.example");
        await node.CliAsync("user", "add", Dan, "--password", TestNode.Password);
        await node.CliAsync("user", "admin", "grant", Dan);
        await node.CliAsync("user", "add", Eva, "--password", TestNode.Password);
        var script = Path.Combine(node.Folder, "other.sieve");
        await File.WriteAllTextAsync(script, "keep;");
        await node.CliAsync("rules", "add", Dan, "--name", "First", "--then", "stop");
        await node.CliAsync("sieve", "put", Dan, "other", script, "--activate");
        await node.CliAsync("user", "app-password", "add", Eva, "Old");
        await node.Commands.RunAsync("user", "totp", "enable", Eva);
        await node.CliAsync("dav", "list", Dan);
        await EnqueueAsync(800_001, "r@all.example");
        return await EnqueueAsync(800_000, "r@twice.example");
    }

    private async Task<string> EnqueueAsync(int sequence, string recipient)
    {
        var now = DateTimeOffset.UtcNow;
        var item = new QueueItem
        {
            Message = SpoolId.New(now, Environment.ProcessId, sequence, "mail.example.org"),
            MessageId = null,
            Sender = EmailAddress.Parse("boss@example.org"),
            QueuedAt = now,
            Size = 100,
            PrefixLength = 0,
            EightBit = false,
            SmtpUtf8 = false,
            IsHeld = false,
            Recipients = [new QueueRecipient { Address = EmailAddress.Parse(recipient), Attempts = 1, NextAttempt = now.AddDays(1) }],
        };
        await node.Actors.Get<QueueActor>().Ask<QueueProtocol.Enqueued>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1));
        return item.Message.Value;
    }

    /// <summary>The actions that have run, as the audit log says.</summary>
    private async Task<string[]> RunsAsync()
    {
        // The audit log is written in the background.
        for (var last = -1; ;)
        {
            var lines = (await node.CliAsync("audit", "--account", Dan)).Split('\n');
            if (lines.Length == last) return lines;
            last = lines.Length;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    [GeneratedRegex("<code class=\"secret\">(?<secret>[A-Z2-7]+)</code>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Secret();

    [GeneratedRegex("(?<=class=\"secret\">)[a-z0-9-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex SecretText();

    [GeneratedRegex("\\b[A-Z2-7]{32}\\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Base32();

    [GeneratedRegex("name=\"version\" value=\"(?<version>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Version();

    [GeneratedRegex("dkim/retire\\?domain=twice.example&(amp;)?selector=(?<selector>[^&\"]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Retire();
}
