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
/// Fetches policies by HTTPS (RFC 8461 §3.3): from the domain's own host, whose certificate must be valid for it; no redirect is followed, no proxy
/// and no cache asked, and what is too long, too slow or no plain text is no policy.
/// </summary>
public sealed class PolicyFetcher : IDisposable
{
    private readonly Limits _limits;
    private readonly int _port;
    private readonly HttpClient _http;

    /// <param name="resolver">Finds the policy host.</param>
    /// <param name="limits">Size and time of one fetch.</param>
    /// <param name="rule">Which addresses a policy host may have.</param>
    /// <param name="roots">The authorities to trust; null: those of the system.</param>
    /// <param name="port">443, but for tests.</param>
    public PolicyFetcher(IResolver resolver, Limits limits, AddressRule rule, X509Certificate2Collection? roots = null, int port = 443)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_limits, _port) = (limits, port);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // A fetch a day: nothing is gained by keeping a connection.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = new GuardedConnect(resolver, rule).ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = TrustedRoots.ChainPolicy(roots),
            },
        };
        _http = new HttpClient(handler) { Timeout = limits.MtaStsFetch, MaxResponseContentBufferSize = limits.MtaStsPolicySize };
    }

    public async Task<PolicyFetch> FetchAsync(string domain, CancellationToken cancel)
    {
        var url = new UriBuilder(Uri.UriSchemeHttps, MtaStsRecord.HostFor(domain), _port, MtaStsRecord.Path).Uri;
        try
        {
            using var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseContentRead, cancel);
            if (answer.StatusCode != HttpStatusCode.OK) return Failed(PolicyFetch.Unreachable, string.Create(CultureInfo.InvariantCulture, $"{url} answered {(int)answer.StatusCode}"));
            if (answer.Content.Headers.ContentType?.MediaType is not "text/plain") return Failed(PolicyFetch.Invalid, $"{url} is not text/plain");
            var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancel));
            return MtaStsPolicy.TryParse(text, out var policy, out var fault)
                ? new PolicyFetch(policy, null, $"fetched {url}")
                : Failed(PolicyFetch.Invalid, $"{url}: {fault}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return Failed(PolicyFetch.Invalid, string.Create(CultureInfo.InvariantCulture, $"{url} is larger than {_limits.MtaStsPolicySize} octets"));
        }
        catch (HttpRequestException e)
        {
            return Failed(e.InnerException is AuthenticationException ? PolicyFetch.Untrusted : PolicyFetch.Unreachable, $"{url}: {(e.InnerException ?? e).Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(PolicyFetch.Unreachable, $"{url} did not answer in time");
        }
    }

    public void Dispose() => _http.Dispose();

    private static PolicyFetch Failed(string failure, string detail) => new(null, failure, detail);
}
