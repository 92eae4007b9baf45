using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Timing;
using MailServer.Domain;

namespace MailServer.Web.Pages;

/// <summary>Sessions, and sign-ins that still need a TOTP code. They are kept in memory, with limits on number and lifetime. Thread-safe.</summary>
public sealed class PageSessions(Limits limits, TimeProvider time)
{
    private const int SecretOctets = 32;

    private readonly Lock _lock = new();
    private readonly FormOutcomes _beforeSignIn = new(limits.PendingPageSignIns, limits.PageSignInOutcomeLifetime, time);
    private readonly Dictionary<string, PageSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PendingSignIn> _begun = new(StringComparer.Ordinal);

    /// <summary>A random secret of 256 bits.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretOctets));

    /// <summary>The results of recently posted forms of a session, or of all visitors without one.</summary>
    public FormOutcomes OutcomesOf(PageSession? session) => session?.Outcomes ?? _beforeSignIn;

    /// <summary>Adds a session and returns the value of its cookie.</summary>
    public string Add(PageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var cookie = NewSecret();
        session.Outcomes ??= new FormOutcomes(limits.PageOutcomes, limits.PageOutcomeLifetime, time);
        lock (_lock)
        {
            foreach (var (old, ended) in _sessions.Where(s => HasEnded(s.Value)).ToList()) _sessions.Remove(old);
            DropOldest(_sessions.Where(s => s.Value.Account.Id == session.Account.Id), limits.PageSessionsPerAccount);
            DropOldest(_sessions, limits.PageSessions);
            _sessions.Add(Digest(cookie), session);
        }

        return cookie;
    }

    /// <summary>Finds a session by its cookie.</summary>
    /// <param name="cookie">The cookie.</param>
    /// <param name="isUse">False for a request that the browser makes by itself: it does not keep the session alive.</param>
    public PageSession? Find(string cookie, bool isUse = true)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(Digest(cookie), out var session)) return null;
            if (HasEnded(session))
            {
                _sessions.Remove(Digest(cookie));
                return null;
            }

            if (isUse) session.LastUsedAt = time.GetUtcNow();
            session.Outcomes?.Expire();
            return session;
        }
    }

    public void Remove(string cookie)
    {
        lock (_lock) _sessions.Remove(Digest(cookie));
    }

    /// <summary>Starts a sign-in that needs a code. The verified password is kept here until the code arrives, so that it is not sent back to the browser.</summary>
    public void BeginSignIn(string visit, string login, string password)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (old, _) in _begun.Where(b => StoredTime.IsDue(b.Value.Until, now, limits.PageSignInTimeout)).ToList()) _begun.Remove(old);
            if (_begun.Count >= limits.PendingPageSignIns) _begun.Remove(_begun.MinBy(static b => b.Value.Until).Key);
            _begun[Digest(visit)] = new PendingSignIn(login, password, now + limits.PageSignInTimeout);
        }
    }

    /// <summary>Removes and returns the pending sign-in; after a wrong code the user must start again.</summary>
    public (string Login, string Password)? TakePendingSignIn(string visit)
    {
        lock (_lock)
            return _begun.Remove(Digest(visit), out var begun) && !StoredTime.IsDue(begun.Until, time.GetUtcNow(), limits.PageSignInTimeout) ? (begun.Login, begun.Password) : null;
    }

    private bool HasEnded(PageSession session)
    {
        var now = time.GetUtcNow();
        return StoredTime.IsOlder(session.LastUsedAt, now, limits.PageSessionIdleTimeout) || StoredTime.IsOlder(session.StartedAt, now, limits.PageSessionLifetime);
    }

    private void DropOldest(IEnumerable<KeyValuePair<string, PageSession>> sessions, int most)
    {
        var all = sessions.ToList();
        if (all.Count >= most) _sessions.Remove(all.MinBy(static s => s.Value.LastUsedAt).Key);
    }

    // Only digests are stored, so that a memory dump reveals no cookies and lookups do not leak timing.
    private static string Digest(string cookie) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(cookie)));

    private sealed record PendingSignIn(string Login, string Password, DateTimeOffset Until)
    {
        public override string ToString() => nameof(PendingSignIn);
    }
}
