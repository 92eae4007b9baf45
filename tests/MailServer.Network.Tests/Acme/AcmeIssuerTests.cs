using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Tests.Acme;

/// <summary>The ACME client with Pebble, which validates every request strictly.</summary>
public sealed class AcmeIssuerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("acme");
    private readonly CancellationTokenSource _late = new(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _late.Dispose();
    }

    [PebbleFact]
    public async Task The_HTTP_challenge_gets_a_certificate_with_a_valid_chain_and_private_files()
    {
        await using var pebble = await PebbleServer.StartAsync(rejectedNonces: 40);
        var challenges = new HttpChallenges();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        using var issuer = Issuer(pebble, challenges);

        var issued = await issuer.IssueAsync("mail.test", null, _late.Token);

        Assert.Equal(["mail.test"], issued.Names);
        Assert.True(issued.Certificate.HasPrivateKey);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(await pebble.RootAsync());
        chain.ChainPolicy.ExtraStore.ImportFromPemFile(AcmeStore.CertificateFile(_folder.FullName, "mail.test"));
        Assert.True(chain.Build(issued.Certificate));
        Assert.All(_folder.GetFiles(), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, f.UnixFileMode));
        Assert.Equal(issued.Certificate.Thumbprint, new AcmeStore(_folder.FullName).Load("mail.test")!.Certificate.Thumbprint);
    }

    [PebbleFact]
    public async Task Renewal_keeps_account_and_key_and_gets_a_new_certificate()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var challenges = new HttpChallenges();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        using var issuer = Issuer(pebble, challenges);
        var first = await issuer.IssueAsync("mail.test", null, _late.Token);
        var account = await AccountAsync();

        using var restarted = Issuer(pebble, challenges);
        var second = await restarted.IssueAsync("mail.test", first.Certificate, _late.Token);

        Assert.NotEqual(first.Certificate.SerialNumber, second.Certificate.SerialNumber);
        Assert.Equal(first.Certificate.GetPublicKey(), second.Certificate.GetPublicKey());
        Assert.Equal(account, await AccountAsync());
    }

    [PebbleFact]
    public async Task The_TLS_challenge_certificate_is_shown_only_to_the_authority()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var challenges = new TlsAlpnChallenges(TimeProvider.System);
        var selector = new CertificateSelector(TestCertificate.For("usual.test")) { Challenges = challenges };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, pebble.TlsPort, listen =>
        {
            challenges.Watch(listen);
            listen.UseHttps(selector.ForHttps());
        }));
        await using var web = builder.Build();
        web.MapGet("/", static () => "a page");
        await web.StartAsync();
        using var issuer = Issuer(pebble, challenges);

        // Other visitors of the same name still see the page while a challenge is open.
        await challenges.PresentAsync(new ChallengeAnswer("mail.test", "token", "token.thumb"), _late.Token);
        using var visitor = new HttpClient(new SocketsHttpHandler { SslOptions = new() { TargetHost = "mail.test", RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        Assert.Equal("a page", await visitor.GetStringAsync(new Uri($"https://127.0.0.1:{pebble.TlsPort}/"), _late.Token));

        Assert.Equal(["mail.test"], (await issuer.IssueAsync("mail.test", null, _late.Token)).Names);
    }

    [PebbleFact]
    public async Task The_DNS_challenge_is_published_by_the_hook_and_gets_a_wildcard()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var hook = Path.Combine(_folder.FullName, "hook");
        await File.WriteAllTextAsync(hook, $$"""
            #!/bin/sh
            case $1 in
              present) curl -sf -d "{\"host\":\"$2.\",\"value\":\"$3\"}" http://127.0.0.1:{{pebble.ChallengesPort}}/set-txt ;;
              cleanup) curl -sf -d "{\"host\":\"$2.\"}" http://127.0.0.1:{{pebble.ChallengesPort}}/clear-txt ;;
            esac
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var issuer = Issuer(pebble, new DnsHookChallenges(hook));
        Assert.Equal(["*.wild.test"], (await issuer.IssueAsync("*.wild.test", null, _late.Token)).Names);
    }

    [PebbleFact]
    public async Task The_output_of_a_failed_hook_is_quoted()
    {
        await using var pebble = await PebbleServer.StartAsync();
        using var issuer = Issuer(pebble, new DnsHookChallenges("/bin/false"));
        var failed = await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, _late.Token));
        Assert.Equal(AcmeFailure.Challenge, failed.Failure);
        Assert.Contains("/bin/false present ended with 1", failed.Message, StringComparison.Ordinal);
    }

    [PebbleFact]
    public async Task A_failed_challenge_is_reported_with_the_text_of_the_authority()
    {
        await using var pebble = await PebbleServer.StartAsync();
        using var issuer = Issuer(pebble, new HttpChallenges());
        var failed = await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, _late.Token));
        Assert.Equal(AcmeFailure.Challenge, failed.Failure);
        Assert.Contains("could not validate mail.test by http-01", failed.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failed.Message, StringComparison.Ordinal);
    }

    [PebbleFact]
    public async Task An_account_that_the_authority_no_longer_has_is_registered_again()
    {
        var challenges = new HttpChallenges();
        await using var pebble = await PebbleServer.StartAsync();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        // An account of an earlier run of the authority: the same directory URL, unknown to it.
        using var stranger = AcmeAccountKey.Create();
        new AcmeStore(_folder.FullName).SaveAccount(new AcmeAccountFile(pebble.Authority, new Uri(pebble.Authority, "/my-account/gone"), stranger.ToPem()));
        using var issuer = Issuer(pebble, challenges);
        await issuer.IssueAsync("mail.test", null, _late.Token);
        Assert.DoesNotContain("gone", await AccountAsync(), StringComparison.Ordinal);
    }

    [PebbleFact]
    public async Task A_deactivated_account_is_replaced_by_a_new_one()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var challenges = new HttpChallenges();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        using var issuer = Issuer(pebble, challenges);
        await issuer.IssueAsync("mail.test", null, _late.Token);
        var kept = new AcmeStore(_folder.FullName).LoadAccount(pebble.Authority)!;
        using var http = AcmeHttp.Create(pebble.CaFile);
        using var key = AcmeAccountKey.FromPem(kept.Key);
        var client = new AcmeClient(http, pebble.Authority, TimeProvider.System) { Key = key, Account = kept.Account };
        using var answer = await client.PostAsync(kept.Account, nonce => SignRaw(key, kept.Account, nonce), _late.Token);

        await issuer.IssueAsync("mail.test", null, _late.Token);

        Assert.NotEqual(kept.Account, new AcmeStore(_folder.FullName).LoadAccount(pebble.Authority)!.Account);
    }

    [PebbleFact]
    public async Task An_account_with_an_unknown_key_is_set_aside_and_registered_again()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var challenges = new HttpChallenges();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        using (var issuer = Issuer(pebble, challenges)) await issuer.IssueAsync("mail.test", null, _late.Token);
        var store = new AcmeStore(_folder.FullName);
        using var stranger = AcmeAccountKey.Create();
        store.SaveAccount(store.LoadAccount(pebble.Authority)! with { Key = stranger.ToPem() });

        using var restarted = Issuer(pebble, challenges);
        await restarted.IssueAsync("mail.test", null, _late.Token);

        Assert.NotEqual(stranger.ToPem(), store.LoadAccount(pebble.Authority)!.Key);
        var aside = await File.ReadAllTextAsync(Assert.Single(_folder.GetFiles("account.*.json.old1")).FullName);
        // JSON escapes the '+' of Base64.
        Assert.Contains(stranger.ToPem().Split('\n')[1], aside.Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [PebbleFact]
    public async Task An_external_account_is_bound_and_a_missing_one_is_reported()
    {
        await using var pebble = await PebbleServer.StartAsync(externalAccounts: true);
        var challenges = new HttpChallenges();
        await using var web = await WebAsync(challenges, pebble.HttpPort);
        using (var without = Issuer(pebble, challenges))
        {
            var refused = await Assert.ThrowsAsync<AcmeException>(() => without.IssueAsync("mail.test", null, _late.Token));
            Assert.Contains("tls.acme_key_id", refused.Message, StringComparison.Ordinal);
        }

        var key = System.Buffers.Text.Base64Url.DecodeFromChars("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");
        using var bound = Issuer(pebble, challenges, new ExternalAccount("kid-1", key));
        Assert.Equal(["mail.test"], (await bound.IssueAsync("mail.test", null, _late.Token)).Names);
    }

    private static Jws SignRaw(AcmeAccountKey key, Uri account, string nonce) =>
        key.Sign(account, nonce, account, new Deactivation("deactivated"), DeactivationJson.Default.Deactivation);

    private async Task<string> AccountAsync() => await File.ReadAllTextAsync(Assert.Single(_folder.GetFiles("account.*.json")).FullName);

    private AcmeIssuer Issuer(PebbleServer pebble, IChallengeSolver solver, ExternalAccount? external = null) => new(new AcmeOptions
    {
        Directory = pebble.Authority,
        Email = "postmaster@mail.test",
        External = external,
        Solver = solver,
        Store = new AcmeStore(_folder.FullName),
        Http = AcmeHttp.Create(pebble.CaFile),
        Time = TimeProvider.System,
    });

    private static async Task<WebApplication> WebAsync(HttpChallenges challenges, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.MapGet(HttpChallenges.Path + "{token}", (string token) => challenges.Answer(token) is { } answer ? Results.Text(answer) : Results.NotFound());
        await app.StartAsync();
        return app;
    }
}

internal sealed record Deactivation(string Status);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Deactivation))]
internal sealed partial class DeactivationJson : System.Text.Json.Serialization.JsonSerializerContext;
