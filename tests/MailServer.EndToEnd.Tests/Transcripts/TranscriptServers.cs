using System.Globalization;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>The two servers for replaying transcripts: one requires TLS before sign-in, the other does not.</summary>
public sealed class TranscriptServers : IAsyncLifetime
{
    /// <summary>The account named in the transcripts, and its password.</summary>
    public const string Alice = "alice@example.org";

    public const string Password = "secret";
    private ServerProcess? _strict;
    private ServerProcess? _open;
    private int _accounts;

    public ServerProcess Strict => _strict ?? throw new InvalidOperationException("not started");

    public ServerProcess Open => _open ?? throw new InvalidOperationException("not started");

    /// <summary>Creates an account whose address is as long as Alice's, because literals count octets.</summary>
    public async Task<string> NewAliceAsync(ServerProcess server)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"al{Interlocked.Increment(ref _accounts):000}@example.org");
        (await server.CliAsync("user", "add", address, "--password", Password, "--allow-weak-password")).Succeeded();
        return address;
    }

    public async Task InitializeAsync()
    {
        var settings = new ServerSettings { Domain = "example.org", Hostname = "mail.example.org", BindsSignIns = true };
        _strict = await ServerProcess.StartNewAsync(settings);
        _open = await ServerProcess.StartNewAsync(settings with { RequireTls = false });
        foreach (var server in new[] { _strict, _open })
        {
            (await server.CliAsync("user", "add", Alice, "--password", Password, "--allow-weak-password")).Succeeded();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { _strict, _open }.OfType<ServerProcess>())
        {
            await server.DisposeAsync();
        }
    }
}
