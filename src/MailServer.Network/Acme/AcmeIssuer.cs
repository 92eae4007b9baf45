using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>Dependencies and settings of an <see cref="AcmeIssuer"/>.</summary>
public sealed record AcmeOptions
{
    /// <summary>The authority's directory URL.</summary>
    public required Uri Directory { get; init; }

    /// <summary>Contact address of the account.</summary>
    public string? Email { get; init; }

    public ExternalAccount? External { get; init; }

    public required IChallengeSolver Solver { get; init; }

    public required AcmeStore Store { get; init; }

    public required HttpClient Http { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Gets certificates from one authority (RFC 8555): account, order, challenge for each name, certificate. An account that the authority no longer accepts
/// is replaced by a new one. Only one order runs at a time.
/// </summary>
public sealed class AcmeIssuer(AcmeOptions options) : ICertificateIssuer, IDisposable
{
    private const string Valid = "valid";
    private const string Invalid = "invalid";
    private const string Pending = "pending";
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    private AcmeClient? _client;

    public Uri Directory => options.Directory;

    public async Task<ServerCertificate> IssueAsync(string name, X509Certificate2? replaces, CancellationToken cancel) =>
        options.Store.Save(name, await ChainAsync(name, replaces, cancel));

    public Task RehearseAsync(string name, CancellationToken cancel) => ChainAsync(name, null, cancel);

    public async Task<RenewalWindow?> RenewalWindowAsync(X509Certificate2 certificate, CancellationToken cancel)
    {
        var client = Client();
        if ((await client.DirectoryAsync(cancel)).RenewalInfo is not { } renewals || RenewalId.Of(certificate) is not { } id) return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{renewals.AbsoluteUri.TrimEnd('/')}/{id}");
        var answer = await client.ReadAsync(request, AcmeJson.Default.AcmeRenewalInfo, cancel);
        var window = answer.Value.SuggestedWindow;
        return window is not null && window.End > window.Start ? new RenewalWindow(window.Start, window.End, answer.Wait) : null;
    }

    public void Dispose() => Forget();

    private async Task<string> ChainAsync(string name, X509Certificate2? replaces, CancellationToken cancel)
    {
        try
        {
            return await OrderAsync(await RegisteredAsync(cancel), name, replaces, cancel);
        }
        catch (AcmeException e) when (IsOfTheAccount(e))
        {
            // The account was deactivated, the authority was reset, or the key does not match the account.
            options.Store.SetAccountAside(Directory);
            Forget();
            return await OrderAsync(await RegisteredAsync(cancel), name, replaces, cancel);
        }
    }

    /// <summary>A signature with the wrong key is reported only as "malformed" (RFC 8555 §6.2); a new account shows whether that was the cause.</summary>
    private bool IsOfTheAccount(AcmeException e) =>
        e.Failure == AcmeFailure.AccountGone || e.Kind == "unauthorized" || (e.Kind == "malformed" && _client is { IsStored: true, IsVerified: false });

    private async Task<string> OrderAsync(AcmeClient client, string name, X509Certificate2? replaces, CancellationToken cancel)
    {
        var placed = await PlaceAsync(client, name, replaces, cancel);
        var url = placed.Location ?? throw new AcmeException(AcmeFailure.Unreachable, $"{Directory.Host} returned no URL for the order");
        foreach (var authorization in placed.Value.Authorizations) await ProveAsync(client, authorization, cancel);

        var ready = await UntilAsync(client, url, AcmeJson.Default.AcmeOrder, static o => o.Status != Pending, cancel);
        if (ready.Status == "ready")
        {
            var finalize = new AcmeFinalize(Base64Url.EncodeToString(Request(name)));
            await client.PostAsync(ready.Finalize, finalize, AcmeJson.Default.AcmeFinalize, AcmeJson.Default.AcmeOrder, cancel);
        }

        var done = await UntilAsync(client, url, AcmeJson.Default.AcmeOrder, static o => o.Status is Valid or Invalid, cancel);
        if (done.Status == Invalid || done.Certificate is null)
            throw new AcmeException(AcmeFailure.Refused, $"{Directory.Host}: the order for {name} failed: {done.Error?.Text ?? "no reason given"}");
        return await client.DownloadAsync(done.Certificate, cancel);
    }

    private static async Task<AcmeResponse<AcmeOrder>> PlaceAsync(AcmeClient client, string name, X509Certificate2? replaces, CancellationToken cancel)
    {
        var directory = await client.DirectoryAsync(cancel);
        var predecessor = replaces is not null && directory.RenewalInfo is not null ? RenewalId.Of(replaces) : null;
        try
        {
            return await PlaceAsync(predecessor);
        }
        catch (AcmeException e) when (predecessor is not null && e.Failure == AcmeFailure.Refused)
        {
            // RFC 9773 §5: the certificate was already replaced, or does not belong to this account.
            return await PlaceAsync(null);
        }

        Task<AcmeResponse<AcmeOrder>> PlaceAsync(string? replaced) => client.PostAsync(
            directory.NewOrder, new AcmeOrderRequest([new AcmeIdentifier("dns", name)], replaced), AcmeJson.Default.AcmeOrderRequest, AcmeJson.Default.AcmeOrder, cancel);
    }

    private async Task ProveAsync(AcmeClient client, Uri url, CancellationToken cancel)
    {
        var authorization = (await client.GetAsync(url, AcmeJson.Default.AcmeAuthorization, cancel)).Value;
        if (authorization.Status == Valid) return;
        var name = authorization.Identifier.Value;
        var challenge = authorization.Challenges.FirstOrDefault(c => c.Type == options.Solver.Type)
            ?? throw new AcmeException(AcmeFailure.Challenge, $"{Directory.Host} does not offer {options.Solver.Type} for {name}");
        if (challenge.Token is not { Length: > 0 } token) throw new AcmeException(AcmeFailure.Unreachable, $"{Directory.Host} returned a challenge without a token");
        var answer = new ChallengeAnswer(name, token, client.Key.Authorize(token));
        try
        {
            await options.Solver.PresentAsync(answer, cancel);
            await client.PostAsync(challenge.Url, new AcmeEmpty(), AcmeJson.Default.AcmeEmpty, AcmeJson.Default.AcmeChallenge, cancel);
            var outcome = await UntilAsync(client, url, AcmeJson.Default.AcmeAuthorization, static a => a.Status != Pending, cancel);
            if (outcome.Status == Valid) return;
            var reason = outcome.Challenges.Select(static c => c.Error).FirstOrDefault(static e => e is not null)?.Text ?? $"it is {outcome.Status}";
            throw new AcmeException(AcmeFailure.Challenge, $"{Directory.Host} could not validate {name} by {options.Solver.Type}: {reason}");
        }
        finally
        {
            await options.Solver.WithdrawAsync(answer);
        }
    }

    /// <summary>Polls with increasing delays, or as the authority requests, until the condition is met.</summary>
    private async Task<T> UntilAsync<T>(
        AcmeClient client, Uri url, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, bool> reached, CancellationToken cancel)
    {
        for (var pause = Shortest; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Longest.Ticks)))
        {
            var answer = await client.GetAsync(url, type, cancel);
            if (reached(answer.Value)) return answer.Value;
            var wait = answer.Wait is { } said && said > pause && said < Longest ? said : pause;
            await Task.Delay(wait, options.Time, cancel);
        }
    }

    private byte[] Request(string name)
    {
        using var key = options.Store.Key(name);
        // No subject: the names are only in the extension (RFC 9525 §1.1); a common name is too short for long names.
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }

    private async Task<AcmeClient> RegisteredAsync(CancellationToken cancel)
    {
        var client = Client();
        if (client.Account is not null) return client;
        var directory = await client.DirectoryAsync(cancel);
        if (directory.Meta?.ExternalAccountRequired == true && options.External is null)
            throw new AcmeException(AcmeFailure.Refused, $"{Directory.Host} requires an external account: set tls.acme_key_id and tls.acme_hmac_file");
        var request = new AcmeAccountRequest(
            TermsOfServiceAgreed: true,
            options.Email is null ? null : ["mailto:" + options.Email],
            options.External is { } external ? client.Key.Bind(external, directory.NewAccount) : null);
        using var response = await client.PostAsync(
            directory.NewAccount, nonce => client.Key.Sign(directory.NewAccount, nonce, null, request, AcmeJson.Default.AcmeAccountRequest), cancel);
        client.Account = response.Headers.Location ?? throw new AcmeException(AcmeFailure.Unreachable, $"{Directory.Host} returned no URL for the account");
        options.Store.SaveAccount(new AcmeAccountFile(Directory, client.Account, client.Key.ToPem()));
        return client;
    }

    private AcmeClient Client()
    {
        if (_client is { } known) return known;
        var kept = options.Store.LoadAccount(Directory);
        return _client = new AcmeClient(options.Http, Directory, options.Time)
        {
            Key = kept is null ? AcmeAccountKey.Create() : AcmeAccountKey.FromPem(kept.Key),
            Account = kept?.Account,
            IsStored = kept is not null,
        };
    }

    private void Forget()
    {
        _client?.Key.Dispose();
        _client = null;
    }
}

/// <summary>When to renew a certificate, and when to query the window again.</summary>
public sealed record RenewalWindow(DateTimeOffset Start, DateTimeOffset End, TimeSpan? AskAgain);
