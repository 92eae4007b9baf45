using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>
/// Posts content to an <c>https:</c> URI published in DNS by another domain: only to addresses allowed by <see cref="AddressRule"/>, without following
/// redirects, with a time limit. Only the response status is read.
/// </summary>
public sealed class HttpsUploader : IDisposable
{
    private readonly HttpClient _http;

    public HttpsUploader(IResolver resolver, Limits limits, AddressRule rule) : this(resolver, limits, rule, roots: null) { }

    internal HttpsUploader(IResolver resolver, Limits limits, AddressRule rule, X509Certificate2Collection? roots)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = new GuardedHttpConnector(resolver, rule).ConnectAsync,
        };
        if (roots is not null)
        {
            var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            chain.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = chain };
        }

        _http = new HttpClient(handler) { Timeout = limits.ReportUploadTimeout };
    }

    /// <summary>Null on success, otherwise the reason for the failure.</summary>
    public async Task<string?> PostAsync(Uri target, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Scheme != Uri.UriSchemeHttps) return "not https";
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.InnerException?.Message ?? e.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    public void Dispose() => _http.Dispose();
}
