using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;

namespace MailServer.Network.Push;

/// <summary>The result of sending a push message.</summary>
public enum PushOutcome
{
    Delivered,

    /// <summary>The subscription no longer exists (404, 410).</summary>
    Gone,

    /// <summary>Permanently rejected; not worth a retry.</summary>
    Refused,

    /// <summary>Temporary failure.</summary>
    RetryLater,
}

/// <summary>
/// Posts messages to push services (RFC 8030 §5) at URLs supplied by clients: over HTTPS, without following redirects, and only to addresses allowed by
/// <see cref="AddressRule"/>.
/// </summary>
public sealed class WebPushSender : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    /// <param name="resolver">Resolves the push services.</param>
    /// <param name="own">The server's own addresses.</param>
    /// <param name="allowPrivate">Allows push services on private networks and on this machine, and skips certificate verification.</param>
    public WebPushSender(IResolver resolver, IOwnAddresses own, bool allowPrivate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            MaxConnectionsPerServer = 8,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = new GuardedHttpConnector(resolver, new AddressRule(own, allowPrivate)).ConnectAsync,
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
                HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => PushOutcome.RetryLater,
                >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => PushOutcome.Delivered,
                _ => PushOutcome.Refused,
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return e.InnerException is AddressRefusedException ? PushOutcome.Refused : PushOutcome.RetryLater;
        }
    }

    public void Dispose() => _http.Dispose();
}
