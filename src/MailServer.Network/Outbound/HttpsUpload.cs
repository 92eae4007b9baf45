using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>
/// Posts something to an <c>https:</c> URI that a stranger named in DNS: to public addresses only, so that nobody makes the server speak to its
/// own network; without following redirections; bounded in time; and nothing but the status of the answer is looked at.
/// </summary>
public sealed class HttpsUpload : IDisposable
{
    private readonly HttpClient _http;
    private readonly IResolver _resolver;
    private readonly bool _anyAddress;

    public HttpsUpload(IResolver resolver, Limits limits) : this(resolver, limits, anyAddress: false, roots: null) { }

    internal HttpsUpload(IResolver resolver, Limits limits, bool anyAddress, X509Certificate2Collection? roots)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _resolver = resolver;
        _anyAddress = anyAddress;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = ConnectAsync,
        };
        if (roots is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _http = new HttpClient(handler) { Timeout = limits.ReportUpload };
    }

    /// <summary>Null when it was taken; else why not, for people.</summary>
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

    /// <summary>Addresses that are no one's in the internet, or this network's own.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !(address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast);
        var octets = address.GetAddressBytes();
        return octets[0] switch
        {
            0 or 10 or 127 or >= 224 => false,
            100 => octets[1] is < 64 or > 127,
            169 => octets[1] != 254,
            172 => octets[1] is < 16 or > 31,
            192 => octets[1] != 168,
            _ => true,
        };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var target = context.DnsEndPoint;
        var found = await _resolver.AddressesAsync(target.Host, cancel) is DnsAnswer<IPAddress>.Found answer ? answer.Values : [];
        var usable = found.Where(a => _anyAddress || IsPublic(a)).ToArray();
        if (usable.Length == 0) throw new IOException($"{target.Host} has no public address");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(usable, target.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
