using System.Text.Json;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Tests.Commands;

public sealed class DkimCommandsTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("rsa")]
    [InlineData("ed25519")]
    public async Task The_quoted_strings_of_the_printed_record_join_to_the_record_of_the_key(string type)
    {
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org", "--type", type);
        var file = $"{_server.Data}/dkim/example.org.mail.key";
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        using var key = DkimKey.ParsePem("example.org", "mail", await File.ReadAllTextAsync(file));
        var line = await _server.DoneAsync("dkim", "dns", "--domain", "Example.org");
        Assert.StartsWith("mail._domainkey.example.org. IN TXT (", line, StringComparison.Ordinal);
        var strings = line.Split('"').Where((_, i) => i % 2 == 1).ToArray();
        Assert.All(strings, s => Assert.InRange(s.Length, 1, 255));
        Assert.Equal(key.DnsRecord.Value, string.Concat(strings));
        using var json = JsonDocument.Parse(await _server.DoneAsync("dkim", "dns", "--domain", "example.org", "--json"));
        Assert.Equal(key.DnsRecord.Value, json.RootElement[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Selector_and_file_come_from_the_configuration()
    {
        _server.Configure($"domains: [{{name: example.org, dkim_selector: s1, dkim_key_file: {_server.Folder}/keys/my.key}}]");
        Assert.Contains("s1._domainkey.example.org", await _server.DoneAsync("dkim", "generate", "--domain", "example.org"), StringComparison.Ordinal);
        Assert.True(File.Exists($"{_server.Folder}/keys/my.key"));
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org", "--selector", "s2");
        Assert.True(File.Exists($"{_server.Data}/dkim/example.org.s2.key"));
    }

    [Fact]
    public async Task A_key_is_replaced_only_on_request()
    {
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org");
        var before = await _server.DoneAsync("dkim", "dns", "--domain", "example.org");
        Assert.EndsWith(before, await _server.DoneAsync("dkim", "generate", "--domain", "example.org"), StringComparison.Ordinal);
        Assert.Contains("use --force to replace it", await _server.FailedAsync(1, "dkim", "generate", "--domain", "example.org", "--type", "ed25519"), StringComparison.Ordinal);
        Assert.Equal(before, await _server.DoneAsync("dkim", "dns", "--domain", "example.org"));
        await _server.DoneAsync("dkim", "generate", "--domain", "example.org", "--force");
        Assert.NotEqual(before, await _server.DoneAsync("dkim", "dns", "--domain", "example.org"));
    }

    [Fact]
    public async Task Without_a_key_the_command_explains_how_to_create_one()
    {
        Assert.Contains("mailserver dkim generate --domain example.org", await _server.FailedAsync(1, "dkim", "dns", "--domain", "example.org"), StringComparison.Ordinal);
        Directory.CreateDirectory($"{_server.Data}/dkim");
        await File.WriteAllTextAsync($"{_server.Data}/dkim/example.org.mail.key", "junk");
        Assert.Contains("example.org.mail.key", await _server.FailedAsync(1, "dkim", "dns", "--domain", "example.org"), StringComparison.Ordinal);
    }
}
