using System.Text.Json;

namespace MailServer.Tests.Commands;

public sealed class DkimRotationTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task The_next_keys_wait_until_they_are_activated_and_then_take_over()
    {
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org");
        var printed = await _server.DoneAsync("dkim", "rotate", "example.org");
        Assert.Equal(2, printed.Split("IN TXT").Length - 1);
        Assert.Contains("k=rsa", printed, StringComparison.Ordinal);
        Assert.Contains("k=ed25519", printed, StringComparison.Ordinal);
        Assert.Equal(["mail active", "ed25519 next", "rsa next"], await ListAsync());
        Assert.Contains("run 'mailserver dkim activate example.org'", await _server.FailedAsync(1, "dkim", "rotate", "example.org"), StringComparison.Ordinal);
        Assert.DoesNotContain("ed25519", await _server.DoneAsync("dkim", "dns", "--domain", "example.org"), StringComparison.Ordinal);
        await _server.DoneAsync("dkim", "activate", "example.org");
        Assert.Equal(["ed25519 active", "rsa active", "mail retired"], await ListAsync());
        Assert.Equal(2, (await _server.DoneAsync("dkim", "dns", "--domain", "example.org")).Split("IN TXT").Length - 1);
        Assert.All(Directory.GetFiles($"{_server.Data}/dkim"), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public async Task After_a_rotation_generate_prints_the_active_keys_and_does_not_use_the_old_selector_again()
    {
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org");
        await _server.DoneAsync("dkim", "rotate", "example.org");
        await _server.DoneAsync("dkim", "activate", "example.org");
        var records = await _server.DoneAsync("dkim", "dns", "--domain", "example.org");
        Assert.EndsWith(records, await _server.DoneAsync("dkim", "generate", "--domain", "example.org"), StringComparison.Ordinal);
        Assert.Equal(["ed25519 active", "rsa active", "mail retired"], await ListAsync());
    }

    [Fact]
    public async Task A_second_rotation_on_the_same_day_uses_new_names()
    {
        await _server.DoneAsync("dkim", "rotate", "example.org", "--type", "ed25519");
        await _server.DoneAsync("dkim", "activate", "example.org");
        await _server.DoneAsync("dkim", "rotate", "example.org", "--type", "ed25519");
        await _server.DoneAsync("dkim", "activate", "example.org", "--keep-old");
        Assert.Equal(["ed25519 active", "ed25519 active"], await ListAsync());
    }

    [Fact]
    public async Task A_key_with_a_configured_path_is_rotated_too()
    {
        _server.Configure($"domains: [{{name: example.org, dkim_selector: s1, dkim_key_file: {_server.Folder}/keys/example.org.key}}]");
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org");
        await _server.DoneAsync("dkim", "rotate", "example.org", "--type", "rsa");
        await _server.DoneAsync("dkim", "activate", "example.org");
        Assert.Equal(["rsa active", "s1 retired"], await ListAsync());
    }

    [Fact]
    public async Task Every_change_of_a_key_is_in_the_audit_log()
    {
        await _server.SetUpAsync();
        await _server.DoneAsync("dkim", "rotate", "example.org", "--type", "ed25519");
        await _server.DoneAsync("dkim", "activate", "example.org");
        using var events = JsonDocument.Parse(await _server.DoneAsync("audit", "--json"));
        var kinds = events.RootElement.EnumerateArray().Select(static e => e.GetProperty("kind").GetString()).Where(static k => k!.StartsWith("dkim.", StringComparison.Ordinal));
        Assert.Equal(["dkim.activated", "dkim.generated", "dkim.retired", "dkim.rotated"], kinds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_new_domain_gets_a_key_and_its_records_are_printed()
    {
        await _server.DoneAsync("migrate");
        var printed = await _server.DoneAsync("domain", "add", "example.org");
        foreach (var part in (string[])["mail._domainkey.example.org", "v=spf1", "_dmarc.example.org", "MX"]) Assert.Contains(part, printed, StringComparison.Ordinal);
        Assert.Equal(["mail active"], await ListAsync());
        Assert.Contains("there is a key already", await _server.DoneAsync("dkim", "generate", "--domain", "example.org"), StringComparison.Ordinal);
        _server.Configure("", ", sign_outbound: false");
        Assert.DoesNotContain("_domainkey", await _server.DoneAsync("domain", "add", "second.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_key_is_retired_only_with_force()
    {
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org");
        Assert.Contains("--force", await _server.FailedAsync(1, "dkim", "retire", "example.org", "--selector", "mail"), StringComparison.Ordinal);
        Assert.Contains("no active or next key 'other'", await _server.FailedAsync(1, "dkim", "retire", "example.org", "--selector", "other"), StringComparison.Ordinal);
        await _server.DoneAsync("dkim", "rotate", "example.org", "--type", "rsa");
        var next = (await ListAsync(whole: true)).Single(k => k.EndsWith(" next", StringComparison.Ordinal)).Split(' ')[0];
        await _server.DoneAsync("dkim", "retire", "example.org", "--selector", next);
        await _server.DoneAsync("dkim", "retire", "example.org", "--selector", "mail", "--force");
        Assert.Equal(["mail retired", "rsa retired"], (await ListAsync()).Order(StringComparer.Ordinal));
        Assert.Contains("dkim rotate example.org", await _server.FailedAsync(1, "dkim", "activate", "example.org"), StringComparison.Ordinal);
    }

    /// <summary>Selector (its algorithm only, unless <paramref name="whole"/>) and state of each key.</summary>
    private async Task<string[]> ListAsync(bool whole = false)
    {
        using var json = JsonDocument.Parse(await _server.DoneAsync("dkim", "list", "example.org", "--json"));
        return [.. json.RootElement.EnumerateArray().Select(k =>
        {
            var selector = k.GetProperty("selector").GetString()!;
            return $"{(whole ? selector : selector[(selector.LastIndexOf('-') + 1)..])} {k.GetProperty("state").GetString()}";
        })];
    }
}
