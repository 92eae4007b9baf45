using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Health;
using MailServer.Network.Certificates;
using MailServer.Network.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Network.Tests.Certificates;

public sealed class CertificateTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certificates");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("one.test", "one.test")]
    [InlineData("TWO.test.", "two.test")]
    [InlineData("unknown.test", "one.test")]
    public void The_requested_name_selects_the_certificate(string name, string subject)
    {
        var selector = new CertificateSelector(TestCertificate.For("one.test"), TestCertificate.For("two.test"));
        Assert.Contains(subject, selector.Select(name).Names);
        Assert.Contains("one.test", selector.Select(null).Names);
    }

    [Theory]
    [InlineData("a.wild.test", true)]
    [InlineData("A.WILD.test", true)]
    [InlineData("a.b.wild.test", false)]
    [InlineData("wild.test", false)]
    [InlineData(".wild.test", false)]
    public void A_wildcard_matches_exactly_one_label(string host, bool matches) =>
        Assert.Equal(matches, TestCertificate.Make("*.wild.test").IsFor(host));

    [Fact]
    public async Task Sni_selects_the_certificate_on_the_wire()
    {
        var selector = new CertificateSelector(TestCertificate.For("one.test"), TestCertificate.For("two.test"));
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, TestStreams.EchoAsync, selector);
        await using var one = await server.ConnectTlsAsync("one.test");
        await using var two = await server.ConnectTlsAsync("two.test");
        Assert.Equal(("one.test", "two.test"), (TestCertificate.NameOf(one), TestCertificate.NameOf(two)));
    }

    [Fact]
    public async Task A_changed_file_is_loaded_without_dropping_a_connection()
    {
        var (certificate, key) = Write("old.test");
        using var source = Open(certificate, key, "elsewhere.test");
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, TestStreams.EchoAsync, new CertificateSelector(source));
        await using var before = await server.ConnectTlsAsync();
        Write("new.test");
        source.Refresh();
        await using var after = await server.ConnectTlsAsync();
        Assert.Equal(("old.test", "new.test"), (TestCertificate.NameOf(before), TestCertificate.NameOf(after)));
        await before.SendAsync("still here\r\n");
        Assert.Equal("still here", await before.ReadLineAsync());
    }

    [Fact]
    public void An_unusable_file_is_named_at_start()
    {
        var refused = Assert.Throws<CertificateException>(() => Open("/nowhere/cert.pem", "/nowhere/key.pem"));
        Assert.Contains("/nowhere/cert.pem", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_self_signed_certificate_survives_a_restart()
    {
        using var first = new SelfSignedCertificateSource(_directory.FullName, ["mail.test", "example.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        using var second = new SelfSignedCertificateSource(_directory.FullName, ["mail.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        Assert.Equal(first.Current.Certificate.Thumbprint, second.Current.Certificate.Thumbprint);
        Assert.Equal(["mail.test", "example.test", "localhost"], first.Current.Names);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory.FullName, "self-signed.key")));
    }

    [Fact]
    public void The_self_signed_certificate_is_recreated_for_a_new_name_and_before_it_expires()
    {
        using var first = new SelfSignedCertificateSource(_directory.FullName, ["mail.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        using var wider = new SelfSignedCertificateSource(_directory.FullName, ["mail.test", "new.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        Assert.NotEqual(first.Current.Certificate.Thumbprint, wider.Current.Certificate.Thumbprint);
        using var later = new SelfSignedCertificateSource(_directory.FullName, ["mail.test"], new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(370)), NullLogger<SelfSignedCertificateSource>.Instance);
        Assert.NotEqual(wider.Current.Certificate.Thumbprint, later.Current.Certificate.Thumbprint);
    }

    [Fact]
    public async Task Https_uses_the_same_certificates()
    {
        var selector = new CertificateSelector(TestCertificate.For("one.test"), TestCertificate.For("two.test"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(selector.ForHttps())));
        await using var app = builder.Build();
        app.MapGet("/", (HttpContext context) => context.Request.Protocol);
        await app.StartAsync();
        X509Certificate2? shown = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new()
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = new X509Certificate2(certificate!)) is not null,
            },
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Host = "two.test";
        Assert.Equal("HTTP/2", await client.GetStringAsync(new Uri(app.Urls.First())));
        Assert.Equal("two.test", shown!.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
    }

    private static FileCertificateSource Open(string certificate, string key, string host = "old.test") =>
        new(new CertificateFiles(certificate, key, host), new NodeProblems(), TimeProvider.System, NullLogger<FileCertificateSource>.Instance);

    private (string Certificate, string Key) Write(string name)
    {
        using var made = new SelfSignedCertificateSource(Path.Combine(_directory.FullName, name), [name], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance);
        var (certificate, key) = (Path.Combine(_directory.FullName, "cert.pem"), Path.Combine(_directory.FullName, "key.pem"));
        File.Copy(made.CertificateFile, certificate, overwrite: true);
        File.Copy(Path.ChangeExtension(made.CertificateFile, ".key"), key, overwrite: true);
        File.SetLastWriteTimeUtc(key, DateTime.UtcNow);
        return (certificate, key);
    }
}
