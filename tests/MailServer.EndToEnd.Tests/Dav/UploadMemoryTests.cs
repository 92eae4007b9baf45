using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Uploads need memory for what has arrived, and all together only as much as the server can spare.</summary>
public sealed class UploadMemoryTests
{
    private const int Size = 95 * 1024 * 1024;
    private const int Megabyte = 1024; // in KiB

    [Fact]
    public async Task Sixty_uploads_that_only_announce_their_size_need_no_memory_and_are_ended()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        using var dav = new DavClient(server, user);
        (await dav.PropFindAsync("/", 0, "D:displayname")).Is(207);
        var before = CommittedMemory(server);
        var silent = new List<Stream>();
        try
        {
            for (var i = 0; i < 60; i++) silent.Add(await AnnounceAsync(server, user, $"silent{i}"));
            await Task.Delay(1_000);
            var more = CommittedMemory(server) - before;
            Assert.True(more < 150 * Megabyte, $"{more / Megabyte} MB more are committed");
            (await dav.PropFindAsync("/", 0, "D:displayname")).Is(207);
            (await dav.PutAsync($"/dav/files/{user}/other", "small")).Is(201);

            // A silent upload is ended after a few seconds, with a reason.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            foreach (var stream in silent)
            {
                var first = new byte[4096];
                var count = await stream.ReadAsync(first, patience.Token);
                if (count > 0) Assert.StartsWith("HTTP/1.1 408", Encoding.ASCII.GetString(first, 0, count), StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var stream in silent) await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sixteen_large_uploads_at_once_are_stored_or_refused_by_a_server_with_little_memory()
    {
        await using var server = await ServerProcess.CreateAsync();
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x1C000000" }); // 448 MB
        string[] users = [await server.AddUserAsync(), await server.AddUserAsync(), await server.AddUserAsync(), await server.AddUserAsync()];
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => UploadAsync(server, users[i % users.Length], i)));
        Assert.All(statuses, static s => Assert.Contains(s, (int[])[201, 503]));
        Assert.True(statuses.Count(static s => s == 201) >= 4, string.Join(' ', statuses));
        await server.AssertServesAsync();
        using var dav = new DavClient(server, users[0]);
        (await dav.PropFindAsync($"/dav/files/{users[0]}/", 1, "D:getcontentlength")).Is(207);
        // Nothing remains of their temporary files.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.Folder, "data", "spool", "tmp")));
    }

    [Fact]
    public async Task A_body_that_is_announced_too_large_is_refused_before_it_is_sent()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        foreach (var (path, status, reason) in new[]
        {
            ($"/dav/calendars/{user}/calendar/x.ics", "403", "max-resource-size"), ($"/dav/addressbooks/{user}/contacts/x.vcf", "403", "max-resource-size"), ($"/dav/files/{user}/x", "413", "too large"),
        })
        {
            await using var stream = await ConnectAsync(server);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head(user, path, 1024L * 1024 * 1024)));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            var reply = await new StreamReader(stream).ReadToEndAsync(patience.Token);
            Assert.StartsWith("HTTP/1.1 " + status, reply, StringComparison.Ordinal);
            Assert.Contains(reason, reply, StringComparison.Ordinal);
        }
    }

    private static async Task<int> UploadAsync(ServerProcess server, string user, int number)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(5) };
        using var request = new HttpRequestMessage(HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.Ports.Dav}/dav/files/{user}/large{number}"))
        {
            Content = new StreamContent(new ZeroStream(Size)) { Headers = { ContentLength = Size } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{ServerProcess.Password}")));
        using var response = await http.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Contains("try again", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        return (int)response.StatusCode;
    }

    private static async Task<Stream> AnnounceAsync(ServerProcess server, string user, string name)
    {
        var stream = await ConnectAsync(server);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head(user, $"/dav/files/{user}/{name}", Size)));
        return stream;
    }

    private static string Head(string user, string path, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"PUT {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{ServerProcess.Password}"))}\r\nContent-Length: {length}\r\n\r\n");

    private static async Task<Stream> ConnectAsync(ServerProcess server)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Ports.Dav);
        var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }

    /// <summary>The writable private memory in KiB: what the process has asked for, touched or not.</summary>
    private static long CommittedMemory(ServerProcess server)
    {
        var line = File.ReadLines($"/proc/{server.ProcessId}/status").First(static l => l.StartsWith("VmData:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Many zeros that need no memory here.</summary>
    private sealed class ZeroStream(long size) : Stream
    {
        private long _left = size;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, _left);
            Array.Clear(buffer, offset, count);
            _left -= count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
