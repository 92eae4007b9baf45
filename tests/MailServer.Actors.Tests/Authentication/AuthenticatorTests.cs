using System.Net;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Authentication;

public sealed class AuthenticatorTests : IDisposable
{
    private static readonly EmailAddress Alice = EmailAddress.Parse("alice@example.test");
    private readonly OneAccount _directory = new();
    private readonly CountingVerifier _verifier = new();
    private readonly MovableTime _time = new();
    private readonly Authenticator _authenticator;

    public AuthenticatorTests() =>
        _authenticator = new Authenticator(_directory, _verifier, LoginGuard.Off, NullAuditLog.Instance, Limits.Default, _time, NullLogger<Authenticator>.Instance)
        {
            ReplaceHash = (credentials, hash) => _directory.ReplaceHash(credentials.PasswordHash, hash),
        };

    public void Dispose() => _authenticator.Dispose();

    [Fact]
    public async Task A_right_password_is_accepted_and_hashed_once_within_minutes()
    {
        for (var i = 0; i < 5; i++) Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal(1, _verifier.Count);
        _time.Now += TimeSpan.FromMinutes(11);
        Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal(2, _verifier.Count);
    }

    [Fact]
    public async Task A_wrong_password_is_rejected_even_after_a_right_one()
    {
        await Check("secret");
        Assert.IsType<AuthenticationReply.Rejected>(await Check("wrong"));
    }

    [Fact]
    public async Task A_changed_password_counts_at_once()
    {
        await Check("secret");
        _directory.Hash = "other";
        Assert.IsType<AuthenticationReply.Rejected>(await Check("secret"));
        Assert.IsType<AuthenticationReply.Accepted>(await Check("other"));
    }

    [Fact]
    public async Task A_disabled_account_is_rejected_even_if_its_password_is_cached()
    {
        await Check("secret");
        _directory.Enabled = false;
        Assert.IsType<AuthenticationReply.Rejected>(await Check("secret"));
    }

    [Fact]
    public async Task An_unknown_login_costs_a_hash_like_a_known_one()
    {
        var reply = await _authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword("nobody@example.test", null, "x"), IPAddress.Loopback, AccessScope.Mail);
        Assert.IsType<AuthenticationReply.Rejected>(reply);
        Assert.Equal(1, _verifier.Count);
    }

    [Fact]
    public async Task Authorization_as_another_account_is_rejected()
    {
        var reply = await _authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(Alice.ToString(), "bob@example.test", "secret"), IPAddress.Loopback, AccessScope.Mail);
        Assert.IsType<AuthenticationReply.Rejected>(reply);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Account_changes_made_during_the_password_check_count(bool disables)
    {
        _verifier.Meanwhile = () =>
        {
            if (disables) _directory.Enabled = false;
            else _directory.Hash = "other";
        };
        Assert.IsType<AuthenticationReply.Rejected>(await Check("secret"));
    }

    [Fact]
    public async Task A_hash_below_the_configured_cost_is_replaced_at_the_next_sign_in_and_only_then()
    {
        _verifier.StrongerHash = "secret ";
        Assert.IsType<AuthenticationReply.Rejected>(await Check("wrong"));
        Assert.Equal("secret", _directory.Hash);
        Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal("secret ", _directory.Hash);

        // The new hash is remembered: the next sign-in compares nothing.
        var compared = _verifier.Count;
        Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal(compared, _verifier.Count);
    }

    [Fact]
    public async Task A_right_password_that_does_not_sign_in_does_no_more_work_than_a_wrong_one()
    {
        _verifier.StrongerHash = "secret ";
        _directory.Enabled = false;
        Assert.IsType<AuthenticationReply.Rejected>(await Check("secret"));
        Assert.Equal((1, 0), (_verifier.Count, _verifier.Upgrades));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sign_in_succeeds_although_the_new_hash_cannot_be_stored(bool fails)
    {
        _verifier.StrongerHash = "secret ";
        _directory.AcceptHash = fails ? () => throw new IOException("disk full") : () => false;
        Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal("secret", _directory.Hash);
    }

    [Fact]
    public async Task A_hash_that_another_sign_in_replaced_meanwhile_does_not_make_the_password_wrong()
    {
        _directory.Scram = new ScramKeys(new byte[16], 4096, new byte[32], new byte[32]);
        _verifier.StrongerHash = "secret ";
        _verifier.Meanwhile = () => _directory.Hash = "secret ";
        Assert.IsType<AuthenticationReply.Accepted>(await Check("secret"));
        Assert.Equal("secret ", _directory.Hash);
    }

    private ValueTask<AuthenticationReply> Check(string password) =>
        _authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(Alice.ToString(), null, password), IPAddress.Loopback, AccessScope.Mail);

    private sealed class CountingVerifier : IPasswordVerifier
    {
        public int Count { get; private set; }

        public Action Meanwhile { get; set; } = static () => { };

        public string UnknownHash => "\0";

        public string? StrongerHash { get; set; }

        public bool Verify(string password, string hash)
        {
            Count++;
            Meanwhile();
            return password == hash.TrimEnd();
        }

        public int Upgrades { get; private set; }

        public string? Upgrade(string password, string hash)
        {
            Upgrades++;
            return hash == StrongerHash ? null : StrongerHash;
        }
    }

    private sealed class MovableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class OneAccount : IDirectory
    {
        public string Hash { get; set; } = "secret";

        public ScramKeys? Scram { get; set; }

        public bool Enabled { get; set; } = true;

        public Func<bool> AcceptHash { get; set; } = static () => true;

        public ValueTask<bool> ReplaceHash(string oldHash, string newHash)
        {
            if (!AcceptHash() || Hash != oldHash) return ValueTask.FromResult(false);
            Hash = newHash;
            return ValueTask.FromResult(true);
        }

        public long Version => 0;

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult(
            login.Equals(Alice) ? new AccountCredentials(new Account(new AccountId(1), Alice, Enabled, DateTimeOffset.UnixEpoch), Hash, Scram) : null);

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
            ValueTask.FromResult<RecipientResolution>(new RecipientResolution.Unknown());

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(false);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => ValueTask.FromResult(false);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<Account?>(null);
    }
}
