using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>COMPRESS=DEFLATE with MailKit as the client.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ImapCompressionTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_client_that_compresses_appends_reads_and_searches_mail()
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.ImapAsync(user);
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.Compress));
        await client.CompressAsync();
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        var body = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i}\r\n"));
        var uid = await client.Inbox.AppendAsync(new AppendRequest(MailKitClients.Letter(user, user, "compressed", body)));
        Assert.NotNull(uid);
        var message = await client.Inbox.GetMessageAsync(uid.Value);
        Assert.Equal(body.ReplaceLineEndings("\n"), message.TextBody?.ReplaceLineEndings("\n"));
        Assert.Equal([uid.Value], await client.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains("compressed")));
    }

    [Fact]
    public async Task A_change_is_pushed_to_an_idle_client_that_compresses()
    {
        var user = await _server.AddUserAsync();
        using var idle = await _server.ImapAsync(user);
        await idle.CompressAsync();
        await idle.Inbox.OpenAsync(FolderAccess.ReadOnly);
        using var done = new CancellationTokenSource();
        var seen = new TaskCompletionSource();
        idle.Inbox.CountChanged += (_, _) => seen.TrySetResult();
        var idling = idle.IdleAsync(done.Token);
        using var other = await _server.ImapAsync(user);
        await other.Inbox.AppendAsync(new AppendRequest(MailKitClients.Letter(user, user, "news")));
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await done.CancelAsync();
        await idling;
    }

    [Fact]
    public async Task A_client_that_does_not_compress_after_COMPRESS_is_disconnected()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
        Assert.EndsWith("OK DEFLATE active", (await wire.ImapAsync("COMPRESS DEFLATE"))[^1], StringComparison.Ordinal);
        await wire.SendAsync(Encoding.ASCII.GetBytes("x NOOP\r\nx NOOP\r\n"));
        Assert.Equal("", await wire.ReadToEndAsync(TimeSpan.FromSeconds(20)));
    }
}
