using System.Buffers;
using System.IO.Compression;
using System.Text;
using MailServer.Network.Listeners;

namespace MailServer.Network.Tests.Listeners;

public sealed class CompressionTests
{
    [Theory]
    [InlineData(ListenerKind.Imap)]
    [InlineData(ListenerKind.Imaps)]
    public async Task Data_passes_in_both_directions_even_when_the_compressor_is_released_in_between(ListenerKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, async connection =>
        {
            await connection.StartCompressionAsync();
            while (await connection.ReadCommandAsync() is { Length: > 0 } line)
            {
                connection.Output.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
                await connection.Output.FlushAsync();
                connection.ReleaseIdleMemory();
                if (line == "end") return;
            }
        }, TestCertificate.Selector);
        await using var client = kind == ListenerKind.Imap ? await server.ConnectAsync() : await server.ConnectTlsAsync();
        await using var sending = new DeflateStream(client, CompressionLevel.Fastest, leaveOpen: true);
        await using var receiving = new DeflateStream(client, CompressionMode.Decompress, leaveOpen: true);
        foreach (var line in new[] { "one", "two", new string('x', 3_000), "two", "end" })
        {
            await sending.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
            await sending.FlushAsync();
            Assert.Equal(line, await receiving.ReadLineAsync());
        }
    }

    [Fact]
    public async Task Data_that_expands_too_much_is_refused()
    {
        using var bomb = new MemoryStream();
        await using (var compressor = new DeflateStream(bomb, CompressionLevel.Optimal, leaveOpen: true)) await compressor.WriteAsync(new byte[50_000_000]);
        bomb.Position = 0;
        await using var inflating = new InflateStream(bomb, allowance: 1_000_000);
        var produced = 0L;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            var buffer = new byte[4_096];
            while (await inflating.ReadAsync(buffer) is > 0 and var count) produced += count;
        });
        Assert.InRange(produced, 900_000, 8_000_000);
    }

    [Fact]
    public async Task Data_that_expands_like_text_is_not_limited()
    {
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(i => $"line {i} of a long text\r\n")));
        using var compressed = new MemoryStream();
        await using (var compressor = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) await compressor.WriteAsync(text);
        compressed.Position = 0;
        await using var inflating = new InflateStream(compressed, allowance: 1_000);
        using var result = new MemoryStream();
        await inflating.CopyToAsync(result);
        Assert.Equal(text, result.ToArray());
    }

    [Fact]
    public async Task Data_that_is_not_compressed_is_an_error()
    {
        using var plain = new MemoryStream("a1 NOOP\r\na2 NOOP\r\n"u8.ToArray());
        await using var inflating = new InflateStream(plain, allowance: 1_000);
        await Assert.ThrowsAnyAsync<Exception>(async () => await inflating.ReadExactlyAsync(new byte[100]));
    }
}
