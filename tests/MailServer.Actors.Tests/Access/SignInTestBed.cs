using System.Collections.Concurrent;
using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Tests.Authentication;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using Microsoft.Extensions.Logging.Abstractions;
using OtpNet;

namespace MailServer.Actors.Tests.Access;

/// <summary>A directory with one account, and every component that accepts a sign-in.</summary>
internal sealed class SignInTestBed : IAuditLog, IPasswordVerifier, IDisposable
{
    public const string Login = "ann@example.test";
    public const string OwnPassword = "correct horse 9";
    public const int BanAfter = 5;
    private static readonly EmailAddress Ann = EmailAddress.Parse(Login);

    private readonly TemporaryDirectory _folder = new();
    private readonly SettableWallClock _time = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(20);
    private readonly ConcurrentBag<string> _noted = [];
    private readonly ConcurrentDictionary<Type, bool> _asked = new();
    private readonly DirectoryStore _directory;
    private int _hashed;

    private SignInTestBed()
    {
        var limits = Limits.Default with { SignInFailureDelay = TimeSpan.FromMilliseconds(1) };
        _directory = DirectoryStore.Open(Path.Combine(_folder.Path, "mail.db"), create: true, _time);
        Bans = new BanList(new InMemoryBanStore(), limits, _time, this, NullLogger<BanList>.Instance);
        var guard = new LoginGuard(new LoginGuardOptions { BanAfter = BanAfter }, Bans, limits, _time, this);
        Authenticator = new Authenticator(_directory, this, guard, this, limits, _time, NullLogger<Authenticator>.Instance);
        Page = new PageAuthenticator(Authenticator, _directory.Administration, _time);
    }

    public Authenticator Authenticator { get; }

    public PageAuthenticator Page { get; }

    public BanList Bans { get; }

    public IDirectoryAdministration Administration => _directory.Administration;

    /// <summary>The wall clock.</summary>
    public SettableWallClock Clock => _time;

    public string AppPassword { get; } = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(16));

    /// <summary>The kinds of requests received from the protocols.</summary>
    public IEnumerable<Type> AskedKinds => _asked.Keys;

    /// <summary>The number of passwords compared with a hash.</summary>
    public int Hashed => _hashed;

    /// <summary>The code that the browser sends; null: the correct one.</summary>
    public string? Code { get; set; }

    string IPasswordVerifier.UnknownHash => "\0";

    public static async Task<SignInTestBed> CreateAsync(bool hasCodes)
    {
        var world = new SignInTestBed();
        var administration = world._directory.Administration;
        await administration.AddDomainAsync("example.test", default);
        await administration.AddAccountAsync(Ann, new StoredPassword(OwnPassword, SaslClient.KeysOf(OwnPassword, iterations: 1_000)), default);
        await administration.AddAppPasswordAsync(Ann, "phone", AccessScope.Device, AppPasswordSecret.DigestOf(world.AppPassword)!, AppPasswordLimits.None, default);
        if (hasCodes) await administration.SetTotpAsync(Ann, world._key, default);
        return world;
    }

    public void Asked(AuthenticationRequest request) => _asked[request.GetType()] = true;

    public int Noted(string kind) => _noted.Count(k => k == kind);

    public async Task<Account> AccountAsync() => (await _directory.FindLoginAsync(Ann, default))!.Account;

    /// <summary>A valid code that no earlier attempt has used.</summary>
    public string NextCode()
    {
        if (Code is { } code) return code;
        lock (_time)
        {
            _time.Now += TimeSpan.FromSeconds(30);
            return new Totp(_key).ComputeTotp(_time.Now.UtcDateTime);
        }
    }

    public string WrongCode() => new Totp(_key).ComputeTotp(_time.Now.UtcDateTime.AddDays(1)) is var code && new Totp(_key).VerifyTotp(_time.Now.UtcDateTime, code, out _, new VerificationWindow(2, 2)) ? "000000" : code;

    void IAuditLog.Note(AuditEvent happened) => _noted.Add(happened.Kind);

    bool IPasswordVerifier.Verify(string password, string hash)
    {
        Interlocked.Increment(ref _hashed);
        Thread.Sleep(5); // so that attempts overlap
        return password == hash;
    }

    public void Dispose()
    {
        Authenticator.Dispose();
        _directory.Dispose();
        _folder.Dispose();
    }
}
