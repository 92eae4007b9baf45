using System.Net;
using MailServer.Domain.Timing;
using MailServer.Domain;
using MailServer.Domain.Access;

namespace MailServer.Actors.Access;

/// <summary>
/// Makes guessing passwords slow, then impossible. Each failure from an address delays the answer more, and enough of them ban the address.
/// A login that fails from many addresses is locked for all those from which nobody has signed in to it before, so that whoever guesses cannot lock
/// its owner out. Unknown logins are treated like known ones: nothing here tells which exist.
/// </summary>
public sealed class LoginGuard
{
    private const int FreeFailures = 2;
    private const int LockFactor = 5;
    private const int MostDoublings = 5;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Failures> _addresses = [];
    private readonly Dictionary<string, Failures> _logins = new(StringComparer.Ordinal);
    private readonly HashSet<(IPAddress, string)> _welcome = [];
    private readonly LoginGuardOptions _options;
    private readonly BanList? _bans;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly IAuditLog _audit;

    /// <param name="options">How patient it is.</param>
    /// <param name="bans">Null: nobody is banned or delayed.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Is told of locked logins.</param>
    public LoginGuard(LoginGuardOptions options, BanList? bans, Limits limits, TimeProvider time, IAuditLog audit) =>
        (_options, _bans, _limits, _time, _audit) = (options, bans, limits, time, audit);

    /// <summary>Lets everybody try for ever.</summary>
    public static LoginGuard Off { get; } = new(new LoginGuardOptions { BanAfter = 0 }, null, Limits.Default, TimeProvider.System, NoAudit.Instance);

    /// <summary>A password need not even be looked at.</summary>
    public bool Refuses(IPAddress peer, string login)
    {
        if (!Guards(peer)) return false;
        if (_bans!.IsBanned(peer, signsIn: true)) return true;
        lock (_lock)
        {
            return _logins.TryGetValue(Key(login), out var failures) && !StoredTime.IsDue(failures.LockedUntil, _time.GetUtcNow(), _options.BanTime) && !_welcome.Contains((ClientNetwork.Of(peer), Key(login)));
        }
    }

    /// <summary>Counts a failure. Returns how long the answer is to wait.</summary>
    public TimeSpan Failed(IPAddress peer, string login)
    {
        if (!Guards(peer)) return TimeSpan.Zero;
        var network = ClientNetwork.Of(peer);
        int count;
        TimeSpan? ban = null;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var ofAddress = Count(_addresses, network, now);
            ofAddress.OfLogins[Key(login)] = ofAddress.OfLogins.GetValueOrDefault(Key(login)) + 1;
            count = ofAddress.Count;
            if (count >= _options.BanAfter)
            {
                ban = _options.BanTime * (1 << Math.Min(ofAddress.Bans++, MostDoublings));
                ofAddress.Forgive();
            }

            Lock(Count(_logins, Key(login), now), login, now);
        }

        if (ban is { } howLong) _bans!.Add(peer, howLong, $"{count} failed sign-ins, the last as {Shorten(login)}", byHand: false);
        return Delay(count);
    }

    /// <summary>The failures of this login from this address are forgiven; those of others are not, or an attacker with an account could wipe them out.</summary>
    public void Succeeded(IPAddress peer, string login)
    {
        if (!Guards(peer)) return;
        var network = ClientNetwork.Of(peer);
        lock (_lock)
        {
            if (_welcome.Count >= _limits.RememberedFailures) _welcome.Clear();
            _welcome.Add((network, Key(login)));
            if (_addresses.TryGetValue(network, out var failures) && failures.OfLogins.Remove(Key(login), out var count)) failures.Count -= count;
        }
    }

    private bool Guards(IPAddress peer) =>
        _bans is not null && _options.BanAfter > 0 && !_options.Exempt.Any(network => network.Contains(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer));

    private Failures Count<TKey>(Dictionary<TKey, Failures> all, TKey key, DateTimeOffset now) where TKey : notnull
    {
        if (!all.TryGetValue(key, out var failures))
        {
            if (all.Count >= _limits.RememberedFailures) Forget(all, now);
            all.Add(key, failures = new Failures());
        }

        if (StoredTime.IsOlder(failures.LastAt, now, _options.BanTime)) failures.Forgive();
        failures.LastAt = now;
        failures.Count++;
        return failures;
    }

    private void Forget<TKey>(Dictionary<TKey, Failures> all, DateTimeOffset now) where TKey : notnull
    {
        foreach (var (key, failures) in all)
            if (StoredTime.IsOlder(failures.LastAt, now, _options.BanTime)) all.Remove(key);
        if (all.Count >= _limits.RememberedFailures) all.Clear();
    }

    private void Lock(Failures failures, string login, DateTimeOffset now)
    {
        if (failures.Count < _options.BanAfter * LockFactor) return;
        failures.Forgive();
        failures.LockedUntil = now + _options.BanTime;
        _audit.Note(new AuditEvent(now, "login.locked", Shorten(login), "server", null, "too many failed sign-ins from many addresses; those who signed in before may go on"));
    }

    private TimeSpan Delay(int failures) => failures <= FreeFailures
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(_limits.FailureDelay.Ticks, FirstDelay.Ticks << Math.Min(failures - FreeFailures - 1, 20)));

    private static string Key(string login) => Shorten(login).ToLowerInvariant();

    private static string Shorten(string login) => login.Length <= 254 ? login : login[..254];

    private sealed class Failures
    {
        public int Count { get; set; }

        public int Bans { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset LockedUntil { get; set; }

        /// <summary>Of an address: how many of its failures were whose.</summary>
        public Dictionary<string, int> OfLogins { get; } = new(StringComparer.Ordinal);

        public void Forgive()
        {
            Count = 0;
            OfLogins.Clear();
        }
    }
}
