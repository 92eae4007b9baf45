using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Pages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Tests.Pages;

public sealed class PageSessionsTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_session_outlives_a_stronger_hash_but_neither_a_new_password_nor_a_disabled_or_replaced_account()
    {
        var keys = new ScramKeys(new byte[16], 4096, new byte[32], new byte[32]);
        var account = new Account(new AccountId(1), EmailAddress.Parse("ann@example.test"), true, DateTimeOffset.UnixEpoch);
        var credentials = new AccountCredentials(account, "hash", keys);
        var session = new PageSession(account.Id, account.Address, credentials.OwnPasswordFingerprint, _clock.GetUtcNow());
        Assert.True(session.IsValidFor(credentials));
        Assert.True(session.IsValidFor(credentials with { PasswordHash = "stronger" }));
        Assert.False(session.IsValidFor(credentials with { Scram = keys with { StoredKey = new byte[] { 1 } } }));
        Assert.False(session.IsValidFor(credentials with { Account = account with { Enabled = false } }));
        Assert.False(session.IsValidFor(credentials with { Account = account with { Id = new AccountId(2) } }));
        Assert.False(session.IsValidFor(null));
    }

    [Fact]
    public void A_session_ends_after_the_idle_timeout_and_at_its_maximum_age()
    {
        var sessions = New();
        var (idle, busy) = (sessions.Add(SessionOf(1)), sessions.Add(SessionOf(1)));
        Assert.NotNull(sessions.Find(idle));
        for (var i = 0; i < 30; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(25));
            if (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch > TimeSpan.FromHours(12)) break;
            Assert.NotNull(sessions.Find(busy));
        }

        Assert.Null(sessions.Find(busy));
        Assert.Null(sessions.Find(idle));
        Assert.Null(sessions.Find("made up"));
    }

    [Fact]
    public void A_session_started_by_a_clock_ten_years_ahead_has_ended()
    {
        var (sessions, now) = (New(), _clock.GetUtcNow());
        _clock.AdjustTime(now.AddYears(10));
        var cookie = sessions.Add(SessionOf(1));
        Assert.NotNull(sessions.Find(cookie));
        sessions.BeginSignIn("a", "ann@example.test", "secret");
        _clock.AdjustTime(now);
        Assert.Null(sessions.Find(cookie));
        Assert.Null(sessions.TakePendingSignIn("a"));
    }

    [Fact]
    public void The_sessions_of_an_account_and_of_the_server_are_limited_and_the_least_recently_used_ends()
    {
        var sessions = New(Limits.Default with { PageSessions = 4, PageSessionsPerAccount = 2 });
        var own = Enumerable.Range(0, 3).Select(_ => AddLater(sessions, 1)).ToList();
        Assert.Equal([false, true, true], own.Select(c => sessions.Find(c) is not null));
        var others = Enumerable.Range(2, 3).Select(id => AddLater(sessions, id)).ToList();
        Assert.All(others, c => Assert.NotNull(sessions.Find(c)));
        Assert.Single(own, c => sessions.Find(c) is not null);
    }

    [Fact]
    public void Sessions_survive_a_restart_with_their_times_and_ended_ones_do_not_come_back()
    {
        var store = new MemoryStore();
        PageSessions Start() => new(Limits.Default, _clock, new StoredSessions(store, NullLogger.Instance));
        var first = Start();
        var (kept, left, idle) = (first.Add(SessionOf(1)), first.Add(SessionOf(2)), first.Add(SessionOf(3)));
        first.Remove(left);
        _clock.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(first.Find(kept));
        Assert.All(store.Sessions.Values, s => Assert.DoesNotContain(kept, s.ToString(), StringComparison.Ordinal));
        _clock.Advance(TimeSpan.FromMinutes(20));
        var second = Start();
        Assert.Null(second.Find(left));
        Assert.Null(second.Find(idle));
        Assert.Equal((1, DateTimeOffset.UnixEpoch), (second.Find(kept)!.Account.Value, second.Find(kept)!.StartedAt));
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Null(Start().Find(kept));
    }

    [Fact]
    public void A_stored_session_of_a_clock_ten_years_ahead_has_ended()
    {
        var (store, now) = (new MemoryStore(), _clock.GetUtcNow());
        _clock.AdjustTime(now.AddYears(10));
        var cookie = new PageSessions(Limits.Default, _clock, new StoredSessions(store, NullLogger.Instance)).Add(SessionOf(1));
        _clock.AdjustTime(now);
        Assert.Null(new PageSessions(Limits.Default, _clock, new StoredSessions(store, NullLogger.Instance)).Find(cookie));
    }

    [Fact]
    public void Without_its_store_a_session_works_until_the_restart()
    {
        var sessions = new PageSessions(Limits.Default, _clock, new StoredSessions(new BrokenStore(), NullLogger.Instance));
        var cookie = sessions.Add(SessionOf(1));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(sessions.Find(cookie));
        sessions.Remove(cookie);
        Assert.Null(sessions.Find(cookie));
    }

    [Fact]
    public void A_page_that_refreshes_itself_does_not_keep_its_session_alive()
    {
        var sessions = New();
        var cookie = sessions.Add(SessionOf(1));
        for (var i = 0; i < 29; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            Assert.NotNull(sessions.Find(cookie, isUse: false));
        }

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(sessions.Find(cookie));
    }

    [Fact]
    public void A_form_token_is_valid_only_for_its_cookie_and_never_the_same()
    {
        var token = FormToken.New("cookie");
        Assert.True(FormToken.IsValid("cookie", token));
        Assert.False(FormToken.IsValid("other", token));
        foreach (var wrong in new[] { "", "x", token[..22], token[..^1], token + "x", (token[0] == 'x' ? "y" : "x") + token[1..] }) Assert.False(FormToken.IsValid("cookie", wrong), wrong);
        Assert.NotEqual(token, FormToken.New("cookie"));
    }

    [Fact]
    public void A_sign_in_waiting_for_a_code_expires_after_minutes_and_completes_once()
    {
        var sessions = New(Limits.Default with { PendingPageSignIns = 2 });
        sessions.BeginSignIn("a", "ann@example.test", "secret");
        Assert.Equal(("ann@example.test", "secret"), sessions.TakePendingSignIn("a"));
        Assert.Null(sessions.TakePendingSignIn("a"));
        sessions.BeginSignIn("b", "ben@example.test", "secret");
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(sessions.TakePendingSignIn("b"));
        foreach (var visit in new[] { "c", "d", "e" })
        {
            sessions.BeginSignIn(visit, visit, "secret");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(sessions.TakePendingSignIn("c"));
        Assert.NotNull(sessions.TakePendingSignIn("e"));
    }

    private sealed class MemoryStore : IPageSessionStore
    {
        public Dictionary<string, StoredPageSession> Sessions { get; } = [];

        public IReadOnlyList<StoredPageSession> LoadSessions() => [.. Sessions.Values];

        public void SaveSession(StoredPageSession session) => Sessions[session.Digest] = session;

        public void RemoveSessions(IReadOnlyCollection<string> digests)
        {
            foreach (var digest in digests) Sessions.Remove(digest);
        }
    }

    private sealed class BrokenStore : IPageSessionStore
    {
        public IReadOnlyList<StoredPageSession> LoadSessions() => throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, "access.db");

        public void SaveSession(StoredPageSession session) => throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, "access.db");

        public void RemoveSessions(IReadOnlyCollection<string> digests) => throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, "access.db");
    }

    private PageSessions New(Limits? limits = null) => new(limits ?? Limits.Default, _clock);

    private string AddLater(PageSessions sessions, long account)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return sessions.Add(SessionOf(account));
    }

    private PageSession SessionOf(long id) =>
        new(new AccountId(id), EmailAddress.Parse("user@example.test"), CredentialFingerprint.Of("hash", null), _clock.GetUtcNow());
}
