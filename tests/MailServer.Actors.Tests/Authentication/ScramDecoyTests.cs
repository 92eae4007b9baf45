using System.Net;
using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Tests.Access;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Authentication;

/// <summary>SCRAM does not reveal which logins exist: the answer for an unknown login looks like the answer for an account.</summary>
public sealed class ScramDecoyTests : IAsyncLifetime, IDisposable
{
    private const int Iterations = 4_321;
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(ScramDecoys.SecretLength);

    // For each: all spellings of the same mailbox. The first is the one added to the directory.
    private static readonly string[][] Spellings =
    [
        ["kim@example.test", "KIM@example.test", "Kim@EXAMPLE.TEST", "kim@example.test.", " kim@example.test ", "\"kim\"@example.test", "\"k\\im\"@example.test", "ｋｉｍ@example.test", "kim＠example.test"],
        ["jürgen@example.test", "JÜRGEN@example.test", "ju\u0308rgen@example.test", "JU\u0308RGEN@Example.Test"],
        ["kim@bücher.test", "kim@BÜCHER.test", "kim@bu\u0308cher.test", "kim@xn--bcher-kva.test", "KIM@XN--BCHER-KVA.TEST"],
        ["kim+tag@example.test", "Kim+TAG@example.test"],
        ["ﬁn@example.test", "fin@example.test", "FIN@EXAMPLE.test"],
    ];

    private readonly TemporaryDirectory _folder = new();
    private readonly SettableWallClock _time = new();
    private readonly InMemoryBanStore _store = new();
    private readonly DirectoryStore _directory;
    private readonly BanList _bans;

    public ScramDecoyTests()
    {
        _directory = DirectoryStore.Open(Path.Combine(_folder.Path, "mail.db"), create: true, _time);
        _bans = new BanList(_store, Limits.Default, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
    }

    public async Task InitializeAsync()
    {
        foreach (var domain in new[] { "example.test", "xn--bcher-kva.test" }) await _directory.Administration.AddDomainAsync(domain, default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _directory.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_spelling_of_a_login_gets_the_same_salt_and_iteration_count_even_after_a_restart(bool exists)
    {
        foreach (var spellings in Spellings)
        {
            if (exists) await AddAsync(LoginName.Of(spellings[0]).Address!);
            var told = new HashSet<string>(StringComparer.Ordinal);
            for (var start = 0; start < 2; start++)
            {
                using var authenticator = Start();
                foreach (var spelling in spellings.Concat(spellings)) told.Add(await AskAsync(authenticator, spelling));
            }

            Assert.True(told.Count == 1, $"{spellings[0]}: {string.Join(" | ", told)}");
        }
    }

    [Fact]
    public async Task Different_logins_and_different_servers_get_different_salts()
    {
        using var authenticator = Start();
        using var another = Start(RandomNumberGenerator.GetBytes(ScramDecoys.SecretLength));
        var logins = Spellings.Select(static s => s[0]).Concat(["no address at all", "x@elsewhere.test"]).ToList();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var login in logins)
        {
            told.Add(await AskAsync(authenticator, login));
            told.Add(await AskAsync(another, login));
        }

        Assert.Equal(2 * logins.Count, told.Count);
    }

    [Fact]
    public async Task A_disabled_account_gets_the_same_answer_as_before()
    {
        var ann = EmailAddress.Parse("ann@example.test");
        await AddAsync(ann);
        using var authenticator = Start();
        var before = await AskAsync(authenticator, "ann@example.test");
        foreach (var (forbid, allow) in Obstacles(ann))
        {
            await forbid();
            Assert.Equal(before, await AskAsync(authenticator, "ann@example.test"));
            Assert.Null(await FindAsync(authenticator, "ann@example.test"));
            await allow();
            Assert.NotNull(await FindAsync(authenticator, "ann@example.test"));
        }
    }

    [Theory]
    [InlineData("ann@example.test")]
    [InlineData("nobody@example.test")]
    [InlineData("no address at all")]
    public async Task A_wrong_proof_takes_the_same_steps_whether_or_not_the_login_exists(string login)
    {
        await AddAsync(EmailAddress.Parse("ann@example.test"));
        using var authenticator = Start();
        Assert.Equal(["Challenge", "Ask FindScramKeys", "Challenge", "Ask ReportScramResult", "Failed"], await SaslClient.StepsAsync("SCRAM-SHA-256", login, "wrong", authenticator));
    }

    private IEnumerable<(Func<Task> Forbid, Func<Task> Allow)> Obstacles(EmailAddress address)
    {
        var administration = _directory.Administration;
        yield return (() => administration.SetEnabledAsync(address, false, default).AsTask(), () => administration.SetEnabledAsync(address, true, default).AsTask());
        yield return (() => administration.SetAppPasswordsOnlyAsync(address, true, default).AsTask(), () => administration.SetAppPasswordsOnlyAsync(address, false, default).AsTask());
        yield return (() => Task.FromResult(_bans.Add(IPAddress.Loopback, null, "", byHand: false)), () => Task.FromResult(_bans.Remove(IPAddress.Loopback)));
    }

    private async Task AddAsync(EmailAddress address) => await _directory.Administration.AddAccountAsync(
        address, new StoredPassword("hash", new ScramKeys(RandomNumberGenerator.GetBytes(16), Iterations, new byte[32], new byte[32])), default);

    private Authenticator Start(byte[]? secret = null) =>
        new(_directory, new NoPassword(), new LoginGuard(new LoginGuardOptions(), _bans, Limits.Default, _time, NullAuditLog.Instance), NullAuditLog.Instance, Limits.Default, _time, NullLogger<Authenticator>.Instance)
        {
            Decoys = new ScramDecoys(secret ?? Secret, Iterations),
        };

    // As the session sends it: the session prepares the name, too.
    private static async Task<string> AskAsync(Authenticator authenticator, string login)
    {
        var reply = await authenticator.AnswerAsync(new AuthenticationRequest.FindScramKeys(login), IPAddress.Loopback, AccessScope.Mail);
        var keys = Assert.IsType<AuthenticationReply.ScramKeysFound>(reply).Scram;
        return $"{Convert.ToBase64String(keys.Salt.Span)} {keys.Iterations}";
    }

    private static async Task<Account?> FindAsync(Authenticator authenticator, string login) => Assert.IsType<AuthenticationReply.ScramKeysFound>(
        await authenticator.AnswerAsync(new AuthenticationRequest.FindScramKeys(login), IPAddress.Loopback, AccessScope.Mail)).Account;

    private sealed class NoPassword : IPasswordVerifier
    {
        public string UnknownHash => "";

        public bool Verify(string password, string hash) => false;
    }
}
