using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Network.Tests.Outbound;

public sealed class HttpsUploaderTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("upload-").FullName;
    private readonly List<(string Path, string? Type, byte[] Body)> _taken = [];
    private SelfSignedCertificateSource _certificate = null!;
    private WebApplication _app = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        _certificate = new SelfSignedCertificateSource(_folder, ["reports.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        var selector = new CertificateSelector(_certificate);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(selector.ForHttps())));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _taken.Add((context.Request.Path, context.Request.ContentType, body.ToArray()));
            context.Response.StatusCode = context.Request.Path == "/ok" ? 201 : context.Request.Path == "/elsewhere" ? 307 : 403;
            if (context.Request.Path == "/elsewhere") context.Response.Headers.Location = "/ok";
        });
        await _app.StartAsync();
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task A_document_is_posted_with_its_type_and_a_refusal_is_reported()
    {
        using var upload = new HttpsUploader(new LoopbackResolver(), Limits.Default, AddressRule.None, Roots());
        Assert.Null(await PostAsync(upload, $"https://reports.test:{_port}/ok"));
        Assert.Equal("HTTP 403", await PostAsync(upload, $"https://reports.test:{_port}/no"));
        Assert.Equal("HTTP 307", await PostAsync(upload, $"https://reports.test:{_port}/elsewhere"));
        Assert.Equal(["/ok", "/no", "/elsewhere"], _taken.Select(t => t.Path));
        Assert.Equal("application/tlsrpt+gzip", _taken[0].Type);
        Assert.Equal("abc"u8.ToArray(), _taken[0].Body);
        Assert.Equal("not https", await PostAsync(upload, $"http://reports.test:{_port}/ok"));
    }

    [Fact]
    public async Task An_external_name_cannot_resolve_into_the_local_network()
    {
        using var upload = new HttpsUploader(new LoopbackResolver(), Limits.Default, new AddressRule(new OwnAddresses(new LoopbackResolver(), [], TimeProvider.System), allowPrivate: false), Roots());
        Assert.Contains("no public address", await PostAsync(upload, $"https://reports.test:{_port}/ok"), StringComparison.Ordinal);
        Assert.Contains("no public address", await PostAsync(upload, $"https://127.0.0.1:{_port}/ok"), StringComparison.Ordinal);
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task An_untrusted_certificate_is_refused()
    {
        using var upload = new HttpsUploader(new LoopbackResolver(), Limits.Default, AddressRule.None, roots: null);
        Assert.NotNull(await PostAsync(upload, $"https://reports.test:{_port}/ok"));
        Assert.Empty(_taken);
    }

    private static Task<string?> PostAsync(HttpsUploader upload, string target) =>
        upload.PostAsync(new Uri(target), "application/tlsrpt+gzip", "abc"u8.ToArray(), default);

    private X509Certificate2Collection Roots() => [X509Certificate2.CreateFromPem(File.ReadAllText(_certificate.CertificateFile))];

    private sealed class LoopbackResolver : IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Loopback]));
    }
}
