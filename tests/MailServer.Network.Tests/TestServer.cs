using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailServer.Domain;
using MailServer.Network.Certificates;
using MailServer.Network.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Network.Tests;

/// <summary>Kestrel with one mail listener on a free loopback port.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, ConnectionGate gate)
    {
        _app = app;
        Gate = gate;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(address).Port;
    }

    public int Port { get; }

    public ConnectionGate Gate { get; }

    public static Task<TestServer> StartAsync(
        ListenerKind kind, Func<Connection, Task> handler, CertificateSelector certificates, Limits? limits = null, bool binds = true) =>
        StartAsync(kind, new Handler(handler), certificates, limits ?? Limits.Default, binds);

    public Task StopAsync(TimeSpan within) => _app.StopAsync(new CancellationTokenSource(within).Token);

    public async Task<Stream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async Task<SslStream> ConnectTlsAsync(string name = "mail.test") => await ShakeHandsAsync(await ConnectAsync(), name);

    public static async Task<SslStream> ShakeHandsAsync(Stream plain, string name = "mail.test")
    {
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(1));
        await _app.DisposeAsync();
    }

    private static async Task<TestServer> StartAsync(ListenerKind kind, IConnectionHandler handler, CertificateSelector certificates, Limits limits, bool binds)
    {
        var gate = new ConnectionGate(limits);
        var parts = new MailListenerServices
        {
            Handler = handler,
            Gate = gate,
            Certificates = certificates,
            BindsSignIns = binds,
            Limits = limits,
            Time = TimeProvider.System,
            Ids = new ConnectionIds(TimeProvider.System),
            Loggers = NullLoggerFactory.Instance,
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMailTransport();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenMail([new MailListenerOptions(kind, IPAddress.Loopback, 0)], parts));
        var app = builder.Build();
        await app.StartAsync();
        return new TestServer(app, gate);
    }

    private sealed class Handler(Func<Connection, Task> handle) : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => handle(connection);
    }
}

/// <summary>Helpers to read and write streams.</summary>
internal static class TestStreams
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task SendAsync(this Stream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    public static async Task<string> ReadLineAsync(this Stream stream)
    {
        using var late = new CancellationTokenSource(Patience);
        var line = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, late.Token) == 1)
        {
            if (octet[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)octet[0]);
        }

        return line.Length > 0 ? line.ToString() : "<end>";
    }

    public static async Task<long> CountToEndAsync(this Stream stream)
    {
        using var late = new CancellationTokenSource(Patience);
        var buffer = new byte[65536];
        long count = 0;
        while (await stream.ReadAsync(buffer, late.Token) is > 0 and var read) count += read;
        return count;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!condition()) await Task.Delay(10, late.Token);
    }

    /// <summary>Echoes until the end of the stream.</summary>
    public static async Task EchoAsync(Connection connection)
    {
        try
        {
            while (true)
            {
                var read = await connection.Input.ReadAsync();
                foreach (var part in read.Buffer) connection.Output.Write(part.Span);
                connection.Input.AdvanceTo(read.Buffer.End);
                await connection.Output.FlushAsync();
                if (read.IsCompleted) return;
            }
        }
        catch (IOException)
        {
            // The connection was aborted.
        }
    }

    /// <summary>Reads up to and including the next line ending, and leaves the rest unread.</summary>
    public static async Task<string> ReadCommandAsync(this Connection connection)
    {
        while (true)
        {
            var read = await connection.Input.ReadAsync();
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.ASCII.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                connection.Input.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return "<end>";
        }
    }
}

/// <summary>Test certificates.</summary>
internal sealed class TestCertificate(ServerCertificate certificate) : ICertificateSource
{
    public static CertificateSelector Selector { get; } = new(For("mail.test"));

    public ServerCertificate Current { get; set; } = certificate;

    public static TestCertificate For(string name) => new(Make(name));

    public static ServerCertificate Make(string name)
    {
        var directory = Directory.CreateTempSubdirectory("certificate");
        try
        {
            using var source = new SelfSignedCertificateSource(directory.FullName, [name], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
            return source.Current;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public static string NameOf(SslStream tls) =>
        new X509Certificate2(tls.RemoteCertificate!).GetNameInfo(X509NameType.SimpleName, forIssuer: false);
}
