using System.Net;
using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using Microsoft.Extensions.Logging.Abstractions;
using OtpNet;

namespace MailServer.Actors.Tests.Access;

/// <summary>App passwords and one-time codes, with a real directory.</summary>
public sealed class AppPasswordTests : IAsyncLifetime, IDisposable
{
    private const string OwnPassword = "correct horse 9";
    private static readonly EmailAddress Ann = EmailAddress.Parse("ann@example.test");
    private readonly TemporaryDirectory _folder = new();
    private readonly SettableWallClock _time = new();
    private readonly DirectoryStore _directory;
    private readonly Authenticator _authenticator;
    private readonly PageAuthenticator _page;

    public AppPasswordTests()
    {
        _directory = DirectoryStore.Open(Path.Combine(_folder.Path, "mail.db"), create: true, _time);
        _authenticator = new Authenticator(_directory, new PlainVerifier(), LoginGuard.Off, NullAuditLog.Instance, Limits.Default, _time, NullLogger<Authenticator>.Instance)
        {
            AppPasswordUsed = p => _directory.Administration.MarkAppPasswordUsedAsync(p.Id, default),
        };
        _page = new PageAuthenticator(_authenticator, _directory.Administration, _time);
    }

    public async Task InitializeAsync()
    {
        await _directory.Administration.AddDomainAsync("example.test", default);
        await _directory.Administration.AddAccountAsync(Ann, new StoredPassword(OwnPassword, new ScramKeys(new byte[16], 4096, new byte[32], new byte[32])), default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _authenticator.Dispose();
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_app_password_works_only_within_its_scope_however_it_is_typed()
    {
        var secret = await AddAsync("phone", AccessScope.Mail | AccessScope.Dav);
        Assert.True(await SignsInAsync(secret, AccessScope.Mail));
        Assert.True(await SignsInAsync(secret.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant(), AccessScope.Dav));
        Assert.False(await SignsInAsync(secret, AccessScope.Submit));
        Assert.False(await SignsInAsync(secret, AccessScope.Web));
        Assert.True(await SignsInAsync(OwnPassword, AccessScope.Submit));
    }

    [Fact]
    public async Task A_removed_app_password_is_rejected()
    {
        var secret = await AddAsync("phone", AccessScope.Device);
        await _directory.Administration.RemoveAppPasswordAsync(Ann, "phone", default);
        Assert.False(await SignsInAsync(secret, AccessScope.Mail));
    }

    [Fact]
    public async Task The_account_password_opens_only_the_page_when_devices_need_app_passwords()
    {
        Assert.True(await SignsInAsync(OwnPassword, AccessScope.Mail));
        await _directory.Administration.SetAppPasswordsOnlyAsync(Ann, only: true, default);
        Assert.False(await SignsInAsync(OwnPassword, AccessScope.Mail));
        Assert.False(await SignsInAsync(OwnPassword, AccessScope.Dav));
        Assert.True(await SignsInAsync(OwnPassword, AccessScope.Web));
        var keys = await _authenticator.AnswerAsync(new AuthenticationRequest.FindScramKeys(Ann.ToString()), IPAddress.Loopback, AccessScope.Mail);
        Assert.Null(Assert.IsType<AuthenticationReply.ScramKeysFound>(keys).Account);
    }

    [Fact]
    public async Task The_last_use_is_recorded_to_the_hour()
    {
        var secret = await AddAsync("phone", AccessScope.Device);
        await SignsInAsync(secret, AccessScope.Mail);
        var first = (await ListAsync()).LastUsedAt;
        Assert.NotNull(first);
        _time.Now += TimeSpan.FromMinutes(10);
        await SignsInAsync(secret, AccessScope.Mail);
        Assert.Equal(first, (await ListAsync()).LastUsedAt);
        _time.Now += TimeSpan.FromHours(1);
        await SignsInAsync(secret, AccessScope.Mail);
        Assert.Equal(_time.Now, (await ListAsync()).LastUsedAt);
    }

    [Fact]
    public async Task A_code_is_required_and_works_once()
    {
        var key = RandomNumberGenerator.GetBytes(20);
        await _directory.Administration.SetTotpAsync(Ann, key, default);
        var code = new Totp(key).ComputeTotp(_time.Now.UtcDateTime);
        Assert.IsType<PageSignInResult.CodeNeeded>(await PageAsync(OwnPassword, null));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync("wrong", code));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, code == "000000" ? "000001" : "000000"));
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, code));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, code));
        _time.Now += TimeSpan.FromSeconds(30);
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, new Totp(key).ComputeTotp(_time.Now.UtcDateTime)));
        Assert.True(await SignsInAsync(OwnPassword, AccessScope.Mail));
        await _directory.Administration.SetTotpAsync(Ann, null, default);
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, null));
    }

    [Fact]
    public async Task The_code_that_enabled_two_factor_sign_in_cannot_be_used_again()
    {
        var key = RandomNumberGenerator.GetBytes(20);
        var account = (await _directory.FindLoginAsync(Ann, default))!.Account;
        var code = new Totp(key).ComputeTotp(_time.Now.UtcDateTime);
        Assert.False(await _page.EnableCodesAsync(account, key, code == "000000" ? "000001" : "000000", default));
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, null));
        Assert.True(await _page.EnableCodesAsync(account, key, code, default));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, code));
    }

    [Fact]
    public async Task A_recovery_code_replaces_a_code_once_and_only_with_the_password()
    {
        var key = RandomNumberGenerator.GetBytes(20);
        Assert.Null(await _page.NewRecoveryCodesAsync(Ann, default));
        await _directory.Administration.SetTotpAsync(Ann, key, default);
        var codes = (await _page.NewRecoveryCodesAsync(Ann, default))!;
        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, static c => Assert.Matches("^([a-z2-9]{4}-){3}[a-z2-9]{4}$", c));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync("wrong", codes[0]));
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, codes[0]));
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, codes[0]));
        Assert.True(Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, " " + codes[1].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal))).HasCode);
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, codes[2][..^1]));
        var again = (await _page.NewRecoveryCodesAsync(Ann, default))!;
        Assert.IsType<PageSignInResult.Rejected>(await PageAsync(OwnPassword, codes[3]));
        Assert.IsType<PageSignInResult.Accepted>(await PageAsync(OwnPassword, again[3]));
        // A recovery code is no app password.
        Assert.False(await SignsInAsync(again[4], AccessScope.Mail));
    }

    [Fact]
    public async Task An_app_password_works_until_it_expires_and_ends_its_sessions_then()
    {
        var secret = await AddAsync("guest", AccessScope.Device, new AppPasswordLimits(_time.Now + TimeSpan.FromDays(1), []));
        Assert.True(await SignsInAsync(secret, AccessScope.Mail));
        var login = (await _directory.FindLoginAsync(Ann, default))!;
        var stamp = CredentialFingerprint.Of(Assert.Single(login.AppPasswords));
        Assert.True(login.Accepts(stamp, _time.Now));
        _time.Now += TimeSpan.FromDays(1);
        Assert.False(await SignsInAsync(secret, AccessScope.Mail));
        Assert.False(login.Accepts(stamp, _time.Now));
        Assert.True(login.Accepts(login.OwnPasswordFingerprint, _time.Now));
    }

    [Fact]
    public async Task An_app_password_made_by_a_clock_ten_years_ahead_has_expired()
    {
        var now = _time.Now;
        _time.Now = now.AddYears(10);
        var secret = await AddAsync("guest", AccessScope.Device, new AppPasswordLimits(_time.Now + TimeSpan.FromDays(1), []));
        Assert.True(await SignsInAsync(secret, AccessScope.Mail));
        _time.Now = now;
        Assert.False(await SignsInAsync(secret, AccessScope.Mail));
    }

    [Fact]
    public async Task An_app_password_works_only_from_its_networks()
    {
        Assert.True(AppPasswordLimits.TryParseNetworks(IPAddress.Loopback + ", 2001:db8::/32", out var own));
        Assert.True(await SignsInAsync(await AddAsync("here", AccessScope.Device, new AppPasswordLimits(null, own)), AccessScope.Mail));
        Assert.True(AppPasswordLimits.TryParseNetworks("203.0.113.0/24", out var others));
        Assert.False(await SignsInAsync(await AddAsync("there", AccessScope.Device, new AppPasswordLimits(null, others)), AccessScope.Mail));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" 192.0.2.7 ", "192.0.2.7/32")]
    [InlineData("192.0.2.0/24,2001:db8::/32", "192.0.2.0/24, 2001:db8::/32")]
    [InlineData("::ffff:192.0.2.7;10.0.0.0/8", "192.0.2.7/32, 10.0.0.0/8")]
    [InlineData("192.0.2.7/24", "192.0.2.0/24")]
    [InlineData("10.1", null)]
    [InlineData("everywhere", null)]
    [InlineData("192.0.2.0/33", null)]
    public void Networks_are_read_from_a_list(string text, string? read)
    {
        Assert.Equal(read is not null, AppPasswordLimits.TryParseNetworks(text, out var networks));
        if (read is not null) Assert.Equal(read, new AppPasswordLimits(null, networks!).NetworksText);
    }

    // RFC 6238, appendix B, the rows for SHA-1, in six digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void Codes_match_the_test_vectors_of_the_RFC(long seconds, string code)
    {
        _time.Now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.True(_page.IsCodeOf("12345678901234567890"u8.ToArray(), code));
    }

    [Fact]
    public void Secrets_round_trip_and_other_values_are_rejected()
    {
        var secret = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(16));
        Assert.Equal(32, secret.Length);
        Assert.NotNull(AppPasswordSecret.DigestOf(secret));
        Assert.NotEqual(AppPasswordSecret.DigestOf(secret), AppPasswordSecret.DigestOf(AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(16))));
        Assert.Null(AppPasswordSecret.DigestOf(secret[..^1]));
        Assert.Null(AppPasswordSecret.DigestOf(secret + "a"));
        Assert.Null(AppPasswordSecret.DigestOf(OwnPassword));
    }

    private async Task<string> AddAsync(string name, AccessScope scope, AppPasswordLimits? limits = null)
    {
        var secret = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(16));
        await _directory.Administration.AddAppPasswordAsync(Ann, name, scope, AppPasswordSecret.DigestOf(secret)!, limits ?? AppPasswordLimits.None, default);
        return secret;
    }

    private async Task<AppPassword> ListAsync() => Assert.Single(await _directory.Administration.ListAppPasswordsAsync(Ann, default));

    private async Task<bool> SignsInAsync(string password, AccessScope scope) =>
        await _authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(Ann.ToString(), null, password), IPAddress.Loopback, scope) is AuthenticationReply.Accepted;

    private Task<PageSignInResult> PageAsync(string password, string? code) => _page.SignInAsync(Ann.ToString(), password, code, IPAddress.Loopback, default);

    private sealed class PlainVerifier : IPasswordVerifier
    {
        public string UnknownHash => "\0";

        public bool Verify(string password, string hash) => password == hash;
    }
}
