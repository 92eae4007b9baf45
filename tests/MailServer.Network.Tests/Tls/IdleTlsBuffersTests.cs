using MailServer.Network.Listeners;
using MailServer.Network.Tls;

namespace MailServer.Network.Tests.Tls;

public sealed class IdleTlsBuffersTests
{
    /// <summary>A runtime that renamed the private field would cost 17 KB per connection: this test detects it.</summary>
    [Fact]
    public async Task OpenSSL_accepts_the_mode_that_releases_idle_buffers()
    {
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, TestStreams.EchoAsync, TestCertificate.Selector);
        await using var client = await server.ConnectTlsAsync();
        Assert.True(!OperatingSystem.IsLinux() || IdleTlsBuffers.Release(client));
    }
}
