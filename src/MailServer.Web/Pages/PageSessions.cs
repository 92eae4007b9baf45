using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Timing;

namespace MailServer.Web.Pages;

/// <summary>
/// Sessions, and sign-ins that still need a TOTP code, with limits on number and lifetime. Sessions are also stored, by the digests of their cookies, and survive a restart.
/// Thread-safe.
/// </summary>
public sealed class PageSessions
{
    private static readonly TimeSpan StoreUsePeriod = TimeSpan.FromMinutes(1);

    private const int SecretOctets = 32;

    private readonly Lock _lock = new();
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly StoredSessions? _stored;
    private readonly FormOutcomes _beforeSignIn;
    private readonly Dictionary<string, PageSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PendingSignIn> _begun = new(StringComparer.Ordinal);

    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stored">Stores the sessions; null to keep them in memory only.</param>
    public PageSessions(Limits limits, TimeProvider time, StoredSessions? stored = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_limits, _time, _stored) = (limits, time, stored);
        _beforeSignIn = new FormOutcomes(limits.PendingPageSignIns, limits.PageSignInOutcomeLifetime, time);
        if (stored is null) return;
        foreach (var old in stored.Load().OrderByDescending(static s => s.LastUsedAt).Take(limits.PageSessions))
        {
            var session = new PageSession(old.Account, old.Address, old.Password, old.StartedAt)
            {
                LastUsedAt = old.LastUsedAt,
                StoredUse = old.LastUsedAt,
                HasSecondFactor = old.HasSecondFactor,
                Peer = old.Peer,
                Browser = old.Browser,
                Outcomes = NewOutcomes(),
            };
            if (!HasEnded(session)) _sessions.TryAdd(old.Digest, session);
        }
    }

    /// <summary>A random secret of 256 bits.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretOctets));

    /// <summary>The results of recently posted forms of a session, or of all visitors without one.</summary>
    public FormOutcomes OutcomesOf(PageSession? session) => session?.Outcomes ?? _beforeSignIn;

    /// <summary>Adds a session and returns the value of its cookie.</summary>
    public string Add(PageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var cookie = NewSecret();
        session.Outcomes ??= NewOutcomes();
        var ended = new List<string>();
        lock (_lock)
        {
            ended.AddRange(_sessions.Where(s => HasEnded(s.Value)).Select(static s => s.Key));
            foreach (var old in ended) _sessions.Remove(old);
            DropOldest(_sessions.Where(s => s.Value.Account == session.Account), _limits.PageSessionsPerAccount, ended);
            DropOldest(_sessions, _limits.PageSessions, ended);
            _sessions.Add(Digest(cookie), session);
        }

        if (ended.Count > 0) _stored?.Remove(ended);
        _stored?.Save(Stored(Digest(cookie), session));
        return cookie;
    }

    /// <summary>Finds a session by its cookie.</summary>
    /// <param name="cookie">The cookie.</param>
    /// <param name="isUse">False for a request that the browser makes by itself: it does not keep the session alive.</param>
    public PageSession? Find(string cookie, bool isUse = true)
    {
        var digest = Digest(cookie);
        PageSession? session;
        bool isDue;
        lock (_lock)
        {
            if (!_sessions.TryGetValue(digest, out session)) return null;
            if (HasEnded(session))
            {
                _sessions.Remove(digest);
                return null;
            }

            var now = _time.GetUtcNow();
            if (isUse) session.LastUsedAt = now;
            session.Outcomes?.Expire();
            isDue = _stored is not null && session.LastUsedAt - session.StoredUse >= StoreUsePeriod;
            if (isDue) session.StoredUse = now;
        }

        if (isDue) _stored!.Save(Stored(digest, session));
        return session;
    }

    /// <summary>Stores a session that has changed.</summary>
    public void Update(string cookie, PageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        _stored?.Save(Stored(Digest(cookie), session));
    }

    public void Remove(string cookie)
    {
        var digest = Digest(cookie);
        lock (_lock)
        {
            if (!_sessions.Remove(digest)) return;
        }

        _stored?.Remove([digest]);
    }

    /// <summary>The open sessions of an account, the one used last first, each with an id for forms.</summary>
    public IReadOnlyList<(string Id, PageSession Session)> ListOf(AccountId account)
    {
        lock (_lock)
            return [.. _sessions.Where(s => s.Value.Account == account && !HasEnded(s.Value)).OrderByDescending(static s => s.Value.LastUsedAt).Select(static s => (IdOf(s.Key), s.Value))];
    }

    /// <summary>All open sessions, the one used last first, each with its id.</summary>
    public IReadOnlyList<(string Id, PageSession Session)> List()
    {
        lock (_lock) return [.. _sessions.Where(s => !HasEnded(s.Value)).OrderByDescending(static s => s.Value.LastUsedAt).Select(static s => (IdOf(s.Key), s.Value))];
    }

    /// <summary>Ends a session by its id. False if there is none.</summary>
    public bool End(string id) => EndWhere(s => IdOf(s.Key) == id && !HasEnded(s.Value)) > 0;

    /// <summary>Ends all sessions of an account; returns their number.</summary>
    public int EndAll(AccountId account) => EndWhere(s => s.Value.Account == account && !HasEnded(s.Value));

    /// <summary>Ends a session of an account by its id. False if there is none.</summary>
    public bool End(AccountId account, string id) => EndWhere(s => s.Value.Account == account && IdOf(s.Key) == id && !HasEnded(s.Value)) > 0;

    /// <summary>Ends all sessions of an account except one; returns their number.</summary>
    public int EndOthers(AccountId account, PageSession kept) => EndWhere(s => s.Value.Account == account && s.Value != kept);

    /// <summary>Starts a sign-in that needs a code. The verified password is kept here until the code arrives, so that it is not sent back to the browser.</summary>
    public void BeginSignIn(string visit, string login, string password)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (old, _) in _begun.Where(b => StoredTime.IsDue(b.Value.Until, now, _limits.PageSignInTimeout)).ToList()) _begun.Remove(old);
            if (_begun.Count >= _limits.PendingPageSignIns) _begun.Remove(_begun.MinBy(static b => b.Value.Until).Key);
            _begun[Digest(visit)] = new PendingSignIn(login, password, now + _limits.PageSignInTimeout);
        }
    }

    /// <summary>Removes and returns the pending sign-in; after a wrong code the user must start again.</summary>
    public (string Login, string Password)? TakePendingSignIn(string visit)
    {
        lock (_lock)
            return _begun.Remove(Digest(visit), out var begun) && !StoredTime.IsDue(begun.Until, _time.GetUtcNow(), _limits.PageSignInTimeout) ? (begun.Login, begun.Password) : null;
    }

    private int EndWhere(Func<KeyValuePair<string, PageSession>, bool> condition)
    {
        List<string> ended;
        lock (_lock)
        {
            ended = [.. _sessions.Where(condition).Select(static s => s.Key)];
            foreach (var one in ended) _sessions.Remove(one);
        }

        if (ended.Count > 0) _stored?.Remove(ended);
        return ended.Count;
    }

    /// <summary>The id of a session: a part of the digest of its cookie. It opens nothing.</summary>
    private static string IdOf(string digest) => digest[..16];

    private bool HasEnded(PageSession session)
    {
        var now = _time.GetUtcNow();
        return StoredTime.IsOlder(session.LastUsedAt, now, _limits.PageSessionIdleTimeout) || StoredTime.IsOlder(session.StartedAt, now, _limits.PageSessionLifetime);
    }

    private void DropOldest(IEnumerable<KeyValuePair<string, PageSession>> sessions, int most, List<string> dropped)
    {
        var all = sessions.ToList();
        if (all.Count < most) return;
        var oldest = all.MinBy(static s => s.Value.LastUsedAt).Key;
        _sessions.Remove(oldest);
        dropped.Add(oldest);
    }

    private FormOutcomes NewOutcomes() => new(_limits.PageOutcomes, _limits.PageOutcomeLifetime, _time);

    private static StoredPageSession Stored(string digest, PageSession session) =>
        new(digest, session.Account, session.Address, session.Password, session.StartedAt, session.LastUsedAt)
        {
            HasSecondFactor = session.HasSecondFactor,
            Peer = session.Peer,
            Browser = session.Browser,
        };

    // Only digests are stored, so that a memory dump reveals no cookies and lookups do not leak timing.
    private static string Digest(string cookie) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(cookie)));

    private sealed record PendingSignIn(string Login, string Password, DateTimeOffset Until)
    {
        public override string ToString() => nameof(PendingSignIn);
    }
}
