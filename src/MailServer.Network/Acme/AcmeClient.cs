using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MailServer.Network.Acme;

/// <summary>
/// Signed requests to one certificate authority (RFC 8555 §6). Each request uses the nonce of the previous response; when the authority rejects a nonce,
/// the request is repeated with a new one, a bounded number of times.
/// </summary>
internal sealed class AcmeClient(HttpClient http, Uri directoryUrl, TimeProvider time)
{
    // A nonce can be rejected by chance; an authority that rejects this many has another problem.
    private const int MaxNonces = 30;
    private AcmeDirectory? _directory;
    private string? _nonce;

    public required AcmeAccountKey Key { get; init; }

    /// <summary>The account URL; null before registration.</summary>
    public Uri? Account { get; set; }

    /// <summary>True when the account was loaded from its file.</summary>
    public bool IsStored { get; init; }

    /// <summary>True when the authority has accepted a signature of this account.</summary>
    public bool IsVerified { get; private set; }

    public async Task<AcmeDirectory> DirectoryAsync(CancellationToken cancel)
    {
        if (_directory is { } known) return known;
        using var request = new HttpRequestMessage(HttpMethod.Get, directoryUrl);
        return _directory = (await ReadAsync(request, AcmeJson.Default.AcmeDirectory, cancel)).Value;
    }

    /// <summary>Sends an unsigned request for a resource.</summary>
    public async Task<AcmeResponse<T>> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var response = await ExchangeAsync(request, cancel);
        if (!response.IsSuccessStatusCode) throw await RefusalAsync(response, cancel);
        return await AnswerAsync(response, type, cancel);
    }

    /// <summary>Reads a resource of the account (POST-as-GET, RFC 8555 §6.3).</summary>
    public Task<AcmeResponse<T>> GetAsync<T>(Uri url, JsonTypeInfo<T> type, CancellationToken cancel) =>
        PostAsync<AcmeEmpty, T>(url, null, null, type, cancel);

    public async Task<AcmeResponse<TAnswer>> PostAsync<T, TAnswer>(
        Uri url, T? payload, JsonTypeInfo<T>? payloadType, JsonTypeInfo<TAnswer> type, CancellationToken cancel) where T : class
    {
        using var response = await PostAsync(url, nonce => Key.Sign(url, nonce, Account, payload, payloadType), cancel);
        return await AnswerAsync(response, type, cancel);
    }

    /// <summary>The certificate chain in PEM format (RFC 8555 §7.4.2).</summary>
    public async Task<string> DownloadAsync(Uri url, CancellationToken cancel)
    {
        using var response = await PostAsync(url, nonce => Key.Sign<AcmeEmpty>(url, nonce, Account, null, null), cancel);
        return await response.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>Sends the request that <paramref name="sign"/> creates for a fresh nonce. The returned response is always successful.</summary>
    public async Task<HttpResponseMessage> PostAsync(Uri url, Func<string, Jws> sign, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var nonce = Interlocked.Exchange(ref _nonce, null) ?? await NewNonceAsync(cancel);
            using var request = new HttpRequestMessage(HttpMethod.Post, url);
            request.Content = new StringContent(JsonSerializer.Serialize(sign(nonce), AcmeJson.Default.Jws), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");
            var response = await ExchangeAsync(request, cancel);
            if (response.IsSuccessStatusCode)
            {
                IsVerified = true;
                return response;
            }

            using (response)
            {
                var refusal = await RefusalAsync(response, cancel);
                if (refusal.Kind != "badNonce" || attempt == MaxNonces) throw refusal;
            }
        }
    }

    private async Task<string> NewNonceAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, (await DirectoryAsync(cancel)).NewNonce);
        using var response = await ExchangeAsync(request, cancel);
        return Interlocked.Exchange(ref _nonce, null) ?? throw new AcmeException(AcmeFailure.Unreachable, $"{directoryUrl.Host} returned no nonce");
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            var response = await http.SendAsync(request, cancel);
            if (response.Headers.TryGetValues("Replay-Nonce", out var nonces)) _nonce = nonces.First();
            return response;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new AcmeException(AcmeFailure.Unreachable, $"cannot connect to {directoryUrl.Host}: {e.InnerException?.Message ?? e.Message}", null, e);
        }
    }

    private async Task<AcmeResponse<T>> AnswerAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        try
        {
            var text = await response.Content.ReadAsStringAsync(cancel);
            var value = JsonSerializer.Deserialize(text, type) ?? throw new JsonException("empty response");
            return new AcmeResponse<T>(value, response.Headers.Location, Wait(response));
        }
        catch (JsonException e)
        {
            throw new AcmeException(AcmeFailure.Unreachable, $"{directoryUrl.Host} returned an invalid ACME response: {e.Message}", null, e);
        }
    }

    private async Task<AcmeException> RefusalAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var problem = await ProblemAsync(response, cancel);
        var failure = problem.Kind switch
        {
            "rateLimited" => AcmeFailure.RateLimited,
            "accountDoesNotExist" => AcmeFailure.AccountGone,
            _ when response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => AcmeFailure.RateLimited,
            _ => AcmeFailure.Refused,
        };
        return new AcmeException(failure, $"{directoryUrl.Host}: {problem.Text}", Wait(response)) { Kind = problem.Kind };
    }

    private static async Task<AcmeProblem> ProblemAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var unexplained = new AcmeProblem(null, $"answered {(int)response.StatusCode}", null);
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json")) return unexplained;
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(cancel), AcmeJson.Default.AcmeProblem) ?? unexplained;
        }
        catch (JsonException)
        {
            return unexplained;
        }
    }

    /// <summary>Retry-After (RFC 9110 §10.2.3): seconds or a date.</summary>
    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}

/// <summary>A response body with the relevant headers.</summary>
internal readonly record struct AcmeResponse<T>(T Value, Uri? Location, TimeSpan? Wait);
