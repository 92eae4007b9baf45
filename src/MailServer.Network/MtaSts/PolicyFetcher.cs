using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;

namespace MailServer.Network.MtaSts;

/// <summary>
/// Fetches policies over HTTPS (RFC 8461 §3.3) from the domain's policy host, whose certificate must be valid. Redirects are not followed, and no proxy or
/// HTTP cache is used. A response that is too large, too slow or not plain text is not a policy.
/// </summary>
public sealed class PolicyFetcher : IDisposable
{
    private readonly Limits _limits;
    private readonly int _port;
    private readonly HttpClient _http;

    /// <param name="resolver">Resolves the policy host.</param>
    /// <param name="limits">Bounds on size and time of a fetch.</param>
    /// <param name="rule">Addresses that a policy host may have.</param>
    /// <param name="roots">Trusted root certificates; null: those of the system.</param>
    /// <param name="port">443, except in tests.</param>
    public PolicyFetcher(IResolver resolver, Limits limits, AddressRule rule, X509Certificate2Collection? roots = null, int port = 443)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_limits, _port) = (limits, port);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // One fetch a day: keeping a connection has no benefit.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = new GuardedHttpConnector(resolver, rule).ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = TrustedRoots.ChainPolicy(roots),
            },
        };
        _http = new HttpClient(handler) { Timeout = limits.MtaStsFetchTimeout, MaxResponseContentBufferSize = limits.MtaStsPolicySize };
    }

    public async Task<PolicyFetchResult> FetchAsync(string domain, CancellationToken cancel)
    {
        var url = new UriBuilder(Uri.UriSchemeHttps, MtaStsRecord.HostFor(domain), _port, MtaStsRecord.Path).Uri;
        try
        {
            using var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseContentRead, cancel);
            if (answer.StatusCode != HttpStatusCode.OK) return Failed(PolicyFetchResult.Unreachable, string.Create(CultureInfo.InvariantCulture, $"{url} answered {(int)answer.StatusCode}"));
            if (answer.Content.Headers.ContentType?.MediaType is not "text/plain") return Failed(PolicyFetchResult.Invalid, $"{url} is not text/plain");
            var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancel));
            return MtaStsPolicy.TryParse(text, out var policy, out var fault)
                ? new PolicyFetchResult(policy, null, $"fetched {url}")
                : Failed(PolicyFetchResult.Invalid, $"{url}: {fault}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return Failed(PolicyFetchResult.Invalid, string.Create(CultureInfo.InvariantCulture, $"{url} is larger than {_limits.MtaStsPolicySize} octets"));
        }
        catch (HttpRequestException e)
        {
            return Failed(e.InnerException is AuthenticationException ? PolicyFetchResult.Untrusted : PolicyFetchResult.Unreachable, $"{url}: {(e.InnerException ?? e).Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(PolicyFetchResult.Unreachable, $"{url} did not answer in time");
        }
    }

    public void Dispose() => _http.Dispose();

    private static PolicyFetchResult Failed(string failure, string detail) => new(null, failure, detail);
}
