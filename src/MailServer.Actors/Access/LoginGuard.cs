using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Access;

/// <summary>
/// Protects against password guessing. Each failure from a network delays the next answer longer; enough failures ban the network. A login that fails from
/// many networks is locked for every network that has not signed in to it before, so an attacker cannot lock out the owner. Unknown logins are treated like
/// known ones, so responses do not reveal which logins exist.
/// <para>
/// Concurrent attempts are counted as if all of them will fail: an attempt starts only while it could not exceed the limit; the others wait. A burst
/// therefore tests no more passwords than the same attempts made one after another.
/// </para>
/// <para>
/// An attempt with the same login and secret as an earlier one is delayed, but not counted: devices keep sending a password that has expired, was changed or is not accepted from their network,
/// and must not ban everybody behind their address.
/// </para>
/// <para>
/// The nodes of a cluster report their results to each other and count them together, and each of them assumes that the others run as many attempts at the
/// moment as itself. One attempt more per further node may run when the limit is almost reached.
/// </para>
/// </summary>
public sealed class LoginGuard
{
    private const int FreeFailures = 2;
    private const int LockFactor = 5;
    private const int MostDoublings = 5;

    // A repetition waits as long as the fifth failure.
    private const int RepetitionDelay = FreeFailures + 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // How long a ban takes to arrive from another node.
    private static readonly TimeSpan BanTravels = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<IPAddress, SignInFailures> _networks = [];
    private readonly Dictionary<string, SignInFailures> _logins = new(StringComparer.Ordinal);
    private readonly HashSet<(IPAddress, string)> _welcome = [];
    private readonly LoginGuardOptions _options;
    private readonly BanList? _bans;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly IAuditLog _audit;
    private Action<SignInConcluded>? _report;
    private Func<int> _nodes = static () => 1;

    /// <param name="options">Limits and durations.</param>
    /// <param name="bans">Null: no bans and no delays.</param>
    /// <param name="limits">Bounds on memory and waiting attempts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Receives an event for each locked login.</param>
    public LoginGuard(LoginGuardOptions options, BanList? bans, Limits limits, TimeProvider time, IAuditLog audit) =>
        (_options, _bans, _limits, _time, _audit) = (options, bans, limits, time, audit);

    /// <summary>Imposes no limit on attempts.</summary>
    public static LoginGuard Off { get; } = new(new LoginGuardOptions { BanAfter = 0 }, null, Limits.Default, TimeProvider.System, NullAuditLog.Instance);

    /// <summary>True when the network is banned or the login is locked for it, so no further check is needed.</summary>
    public bool Refuses(IPAddress peer, LoginName login)
    {
        if (!Guards(peer)) return false;
        if (_bans!.IsBanned(peer, signsIn: true)) return true;
        lock (_lock) return IsLocked(ClientNetwork.Of(peer), login.Key);
    }

    /// <summary>Counts together with the other nodes of a cluster.</summary>
    /// <param name="report">Sends a result to the other nodes; it must not block.</param>
    /// <param name="nodes">The number of nodes that accept sign-ins.</param>
    public void ShareWith(Action<SignInConcluded> report, Func<int> nodes) => (_report, _nodes) = (report, nodes);

    /// <summary>Counts the result of an attempt on another node.</summary>
    public void NoteElsewhere(SignInConcluded concluded)
    {
        ArgumentNullException.ThrowIfNull(concluded);
        if (!Guards(concluded.Network)) return;
        var login = LoginName.Of(concluded.Login);
        if (concluded.Succeeded)
        {
            lock (_lock) Welcome(concluded.Network, login.Key, Find(_networks, ClientNetwork.Of(concluded.Network), _time.GetUtcNow()));
            return;
        }

        SignInFailures ofNetwork;
        TimeSpan? ban;
        int count;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            ofNetwork = Find(_networks, ClientNetwork.Of(concluded.Network), now);
            (count, ban) = CountFailure(concluded.Network, login, ofNetwork, Find(_logins, login.Key, now), now);
            ofNetwork.Wake();
        }

        if (ban is { } howLong) _ = BanUnlessBannedAsync(concluded.Network, howLong, Reason(count, login), ofNetwork);
    }

    /// <summary>Waits until one more failure would not exceed the limit, then starts the attempt. Null when it was refused before or during the wait.</summary>
    /// <exception cref="TooManySignInsException">Too many attempts from this network are already waiting.</exception>
    public async ValueTask<SignInPermit?> EnterAsync(IPAddress peer, LoginName login)
    {
        if (!Guards(peer)) return new SignInPermit(this, peer, login, null, null);
        while (true)
        {
            SignInFailures full;
            Task end;
            lock (_lock)
            {
                // Checked under the lock: a ban that is being stored at this moment is either visible here or still keeps the network at its limit.
                if (Refuses(peer, login)) return null;
                if (TryBegin(peer, login, out full) is { } turn) return turn;
                if (full.Waiting >= _limits.QueuedSignInsPerNetwork) throw new TooManySignInsException();
                full.Waiting++;
                end = full.WaitForEndAsync();
            }

            await end;
            lock (_lock) full.Waiting--;
        }
    }

    /// <summary>A digest of a login and a secret, to recognise repetitions. Its key lasts as long as the process.</summary>
    internal ulong DigestOf(LoginName login, string secret) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(login.Key + '\0' + secret)));

    internal TimeSpan Failed(IPAddress peer, LoginName login, SignInFailures? ofNetwork, SignInFailures? ofLogin, ulong? secret)
    {
        if (ofNetwork is null) return TimeSpan.Zero;
        TimeSpan? ban;
        int count;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (ofNetwork.IsRepetition(secret, now))
            {
                ofNetwork.End();
                ofLogin?.End();
                return Delay(Math.Max(ofNetwork.Count, RepetitionDelay));
            }

            (count, ban) = CountFailure(peer, login, ofNetwork, ofLogin ?? Find(_logins, login.Key, now), now);
            // Before another attempt can start here: the other nodes must not lag behind.
            _report?.Invoke(new SignInConcluded(ClientNetwork.Of(peer), login.Key, Succeeded: false));
            ofNetwork.End();
            ofLogin?.End();
        }

        if (ban is { } howLong) Ban(peer, howLong, Reason(count, login), ofNetwork);
        return Delay(count);
    }

    /// <summary>Returns the number of failures of the network, and the duration of the ban if it must be banned now.</summary>
    private (int Count, TimeSpan? Ban) CountFailure(IPAddress peer, LoginName login, SignInFailures ofNetwork, SignInFailures ofLogin, DateTimeOffset now)
    {
        TimeSpan? ban = null;
        var count = Count(ofNetwork, now);
        ofNetwork.ByLogin[login.Key] = ofNetwork.ByLogin.GetValueOrDefault(login.Key) + 1;
        if (count >= _options.BanAfter && _bans!.IsBanned(peer, signsIn: true))
        {
            // The network was banned by an administrator or another node meanwhile. The count must be reset: after that ban is removed nothing else
            // would wake the waiting attempts.
            ofNetwork.Forgive();
        }
        else if (count >= _options.BanAfter && _bans!.IsAllowed(peer))
        {
            // Never banned: only the delays and the locks of logins slow down guesses from there.
            ofNetwork.Forgive();
        }
        else if (count >= _options.BanAfter && !ofNetwork.IsBanning)
        {
            ban = _options.BanTime * (1 << Math.Min(ofNetwork.Bans++, MostDoublings));
            ofNetwork.IsBanning = true;
        }

        Count(ofLogin, now);
        Lock(ofLogin, login, now);
        return (count, ban);
    }

    private static string Reason(int failures, LoginName login) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{failures} failed sign-ins, the last as {Shorten(login.Original)}");

    /// <summary>Resets the failures of this login from this network. Failures of other logins remain, or an attacker with an account could erase them.</summary>
    internal void Succeeded(IPAddress peer, LoginName login, SignInFailures? ofNetwork, SignInFailures? ofLogin)
    {
        if (ofNetwork is null) return;
        lock (_lock) Welcome(peer, login.Key, ofNetwork);
        _report?.Invoke(new SignInConcluded(ClientNetwork.Of(peer), login.Key, Succeeded: true));
        End(ofNetwork, ofLogin);
    }

    private void Welcome(IPAddress peer, string login, SignInFailures ofNetwork)
    {
        if (_welcome.Count >= _limits.TrackedSignInFailures) _welcome.Clear();
        _welcome.Add((ClientNetwork.Of(peer), login));
        if (ofNetwork.ByLogin.Remove(login, out var count)) ofNetwork.Count -= count;
    }

    internal void End(SignInFailures? ofNetwork, SignInFailures? ofLogin)
    {
        if (ofNetwork is null) return;
        lock (_lock)
        {
            ofNetwork.End();
            ofLogin?.End();
        }
    }

    private SignInPermit? TryBegin(IPAddress peer, LoginName login, out SignInFailures full)
    {
        var now = _time.GetUtcNow();
        var network = ClientNetwork.Of(peer);
        var ofNetwork = full = Find(_networks, network, now);
        var nodes = _nodes();
        if (!ofNetwork.HasRoom(_options.BanAfter, nodes)) return null;
        // Networks that signed in before are never locked out, so they need not wait for attempts from unknown networks.
        var ofLogin = _welcome.Contains((network, login.Key)) ? null : Find(_logins, login.Key, now);
        if (ofLogin is not null && !ofLogin.HasRoom(_options.BanAfter * LockFactor, nodes))
        {
            full = ofLogin;
            return null;
        }

        ofNetwork.Begin();
        ofLogin?.Begin();
        return new SignInPermit(this, peer, login, ofNetwork, ofLogin);
    }

    // No attempt of the network starts until the ban is in effect. Storing it may take time, so the lock is not held meanwhile.
    private void Ban(IPAddress peer, TimeSpan howLong, string reason, SignInFailures ofNetwork)
    {
        try
        {
            _bans!.Add(peer, howLong, reason, byHand: false);
        }
        finally
        {
            lock (_lock) EndBanning(ofNetwork);
        }
    }

    /// <summary>The node of the last failure bans the network, unless failures on several nodes crossed. Attempts wait until that is known.</summary>
    private async Task BanUnlessBannedAsync(IPAddress network, TimeSpan howLong, string reason, SignInFailures ofNetwork)
    {
        await Task.Delay(BanTravels, _time);
        if (!_bans!.IsBanned(network, signsIn: true))
        {
            Ban(network, howLong, reason, ofNetwork);
            return;
        }

        lock (_lock) EndBanning(ofNetwork);
    }

    private static void EndBanning(SignInFailures ofNetwork)
    {
        ofNetwork.IsBanning = false;
        ofNetwork.Forgive();
        ofNetwork.Wake();
    }

    private bool Guards(IPAddress peer) =>
        _bans is not null && _options.BanAfter > 0 && !_options.Exempt.Any(network => network.Contains(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer));

    private bool IsLocked(IPAddress network, string login) =>
        _logins.TryGetValue(login, out var failures) && !StoredTime.IsDue(failures.LockedUntil, _time.GetUtcNow(), _options.BanTime) && !_welcome.Contains((network, login));

    private static int Count(SignInFailures failures, DateTimeOffset now)
    {
        failures.LastAt = now;
        return ++failures.Count;
    }

    private SignInFailures Find<TKey>(Dictionary<TKey, SignInFailures> all, TKey key, DateTimeOffset now) where TKey : notnull
    {
        if (!all.TryGetValue(key, out var failures))
        {
            if (all.Count >= _limits.TrackedSignInFailures) Forget(all);
            all.Add(key, failures = new SignInFailures { LastAt = now });
        }

        if (StoredTime.IsOlder(failures.LastAt, now, _options.BanTime)) failures.Forgive();
        return failures;
    }

    /// <summary>Removes a quarter of the entries, least recent failures first.</summary>
    private void Forget<TKey>(Dictionary<TKey, SignInFailures> all) where TKey : notnull
    {
        var now = _time.GetUtcNow();
        var idle = all.Where(static f => f.Value.IsIdle).OrderBy(f => !StoredTime.IsDue(f.Value.LockedUntil, now, _options.BanTime)).ThenBy(static f => f.Value.Count > 0).ThenBy(static f => f.Value.LastAt);
        foreach (var (key, _) in idle.Take(1 + (all.Count / 4)).ToList()) all.Remove(key);
    }

    private void Lock(SignInFailures failures, LoginName login, DateTimeOffset now)
    {
        if (failures.Count < _options.BanAfter * LockFactor) return;
        failures.Forgive();
        failures.LockedUntil = now + _options.BanTime;
        _audit.Note(new AuditEvent(now, "login.locked", Shorten(login.Original), "server", null, "too many failed sign-ins from many addresses; addresses that signed in before are not affected"));
    }

    private TimeSpan Delay(int failures) => failures <= FreeFailures
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(_limits.SignInFailureDelay.Ticks, FirstDelay.Ticks << Math.Min(failures - FreeFailures - 1, 20)));

    private static string Shorten(string login) => login.Length <= 254 ? login : login[..254];
}

/// <summary>Too many sign-in attempts are waiting; the client should try again later.</summary>
public sealed class TooManySignInsException() : Exception("too many sign-in attempts are waiting");
