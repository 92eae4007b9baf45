using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;

namespace MailServer.Network.Push;

/// <summary>What became of a push message.</summary>
public enum PushOutcome
{
    Delivered,

    /// <summary>The subscription is no longer there (404, 410).</summary>
    Gone,

    /// <summary>It will never be taken: it makes no sense to try again.</summary>
    Refused,

    /// <summary>Not now.</summary>
    Later,
}

/// <summary>
/// POSTs to push services (RFC 8030 §5), to URLs that clients gave us: over HTTPS, without following redirects, and never to this machine or a private
/// network unless that is allowed, so that nobody reaches through us what it cannot reach itself.
/// </summary>
public sealed class WebPushSender : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    /// <param name="allowPrivate">Push services in private networks and on this machine may be reached, whatever certificate they show.</param>
    public WebPushSender(bool allowPrivate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            MaxConnectionsPerServer = 8,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = (context, cancel) => ConnectAsync(context.DnsEndPoint, allowPrivate, cancel),
        };
        if (allowPrivate) handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, errors) => errors != SslPolicyErrors.RemoteCertificateNotAvailable;
        _http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = 64 * 1024 };
    }

    public async Task<PushOutcome> SendAsync(Uri resource, ReadOnlyMemory<byte> body, string authorization, string topic, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, resource) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentEncoding.Add("aes128gcm");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("TTL", "86400");
        request.Headers.TryAddWithoutValidation("Topic", topic);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response.StatusCode switch
            {
                HttpStatusCode.NotFound or HttpStatusCode.Gone => PushOutcome.Gone,
                HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => PushOutcome.Later,
                >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => PushOutcome.Delivered,
                _ => PushOutcome.Refused,
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return e.InnerException is PrivateAddressException ? PushOutcome.Refused : PushOutcome.Later;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>True for addresses that only this machine or network can reach.</summary>
    internal static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return true;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast;
        var octets = address.GetAddressBytes();
        return octets[0] is 0 or 10 or 127 or >= 224
            || (octets[0] == 100 && octets[1] is >= 64 and <= 127)
            || (octets[0] == 169 && octets[1] == 254)
            || (octets[0] == 172 && octets[1] is >= 16 and <= 31)
            || (octets[0] == 192 && octets[1] == 168);
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowPrivate, CancellationToken cancel)
    {
        // The address that was looked at is the one that is connected to.
        var addresses = await System.Net.Dns.GetHostAddressesAsync(target.Host, cancel);
        var allowed = addresses.Where(address => allowPrivate || !IsPrivate(address)).ToArray();
        if (allowed.Length == 0) throw new PrivateAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class PrivateAddressException() : IOException("the push service is in a private network");
}
