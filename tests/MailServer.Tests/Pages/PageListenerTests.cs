using System.Net;
using MailServer.Actors.Filtering;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Tests.Pages;

/// <summary>Pages without a server, with a clock that the test moves.</summary>
public sealed class PageListenerTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_that_refreshes_itself_does_not_keep_the_session_alive(bool isLive)
    {
        var credentials = Ann();
        var sessions = new PageSessions(Limits.Default, _clock);
        var cookie = sessions.Add(new PageSession(credentials.Account.Id, credentials.Account.Address, credentials.OwnPasswordFingerprint, _clock.GetUtcNow()));
        var page = new PageEndpoint(Services(credentials), sessions, new PageListener(IsPublic: true, HasAdministration: false), NullLoggerFactory.Instance);
        var open = 0;
        for (var minutes = 0; minutes < 40; minutes++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            if (await StatusAsync(page, "/me/security" + (isLive ? "?live=yes" : ""), cookie) == 200) open++;
        }

        Assert.Equal(isLive ? 30 : 40, open);
    }

    [Theory]
    [InlineData(false, true, false, false, true)]
    [InlineData(false, true, true, true, true)]
    [InlineData(true, true, false, false, false)]
    [InlineData(true, true, true, false, false)]
    [InlineData(true, true, false, true, false)]
    [InlineData(true, true, true, true, true)]
    [InlineData(true, false, true, true, false)]
    public void On_a_public_listener_administration_needs_codes_and_a_session_that_proved_one(bool isPublic, bool isServed, bool hasCodes, bool hasProved, bool isAllowed)
    {
        var listener = new PageListener(isPublic, isServed);
        var credentials = Ann() with { Totp = hasCodes ? new TotpSecret(new byte[20], 0) : null };
        var session = new PageSession(credentials.Account.Id, credentials.Account.Address, credentials.OwnPasswordFingerprint, _clock.GetUtcNow()) { HasSecondFactor = hasProved };
        Assert.Equal(isAllowed, listener.MayAdminister(session, credentials));
        Assert.False(listener.MayAdminister(session, credentials with { Account = credentials.Account with { IsAdmin = false } }));
        Assert.False(listener.MayAdminister(null, null));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("curl/8.0 (Linux)", "a program on Linux")]
    [InlineData("<script>alert(1)</script>", "")]
    [InlineData("", "")]
    public void A_browser_is_named_by_itself_and_its_system(string userAgent, string name) => Assert.Equal(name, BrowserName.Of(userAgent));

    private static AccountCredentials Ann() => new(
        new Account(new AccountId(1), EmailAddress.Parse("ann@example.test"), true, DateTimeOffset.UnixEpoch) { IsAdmin = true }, "hash", null);

    private static async Task<int> StatusAsync(PageEndpoint page, string location, string cookie)
    {
        var mark = location.IndexOf('?', StringComparison.Ordinal);
        var http = new DefaultHttpContext();
        http.Request.Method = "GET";
        http.Request.Scheme = "https";
        http.Request.Path = mark < 0 ? location : location[..mark];
        http.Request.QueryString = new QueryString(mark < 0 ? "" : location[mark..]);
        http.Request.Headers.Cookie = "__Host-session=" + cookie;
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        await page.AnswerAsync(http);
        return http.Response.StatusCode;
    }

    /// <summary>The services that these pages use.</summary>
    private PageServices Services(AccountCredentials credentials) => new()
    {
        Hostname = "mail.example.test",
        Directory = new OneAccount(credentials),
        Limits = Limits.Default,
        Time = _clock,
        Log = NullLogger.Instance,
        SignIn = null!,
        Administration = null!,
        HashUnknown = null!,
        Hash = null!,
        Sessions = null!,
        Mailboxes = null!,
        // No mailbox answers, so nobody knows of automatic replies.
        Rules = new RuleAdministration(
            new ScriptAdministration(static (_, _, _) => Task.FromResult<MailboxReply>(new MailboxReply.Refused(MailboxRefusal.Unavailable)), static (_, _, _) => { }), static (_, _, _) => { }),
        RuleRuns = null!,
        Forwarding = null!,
        Queue = null!,
        Reports = null!,
        Certificates = null!,
        Dav = null!,
        Bans = null!,
        Clients = null!,
        Activity = null!,
        StoredSessions = null!,
        Audit = null!,
        ReadAudit = null!,
        ReadLog = null!,
        Backups = null!,
        Archives = null!,
        DeliveryTest = null!,
        History = null!,
        MtaSts = default,
        ReadAuditOf = null!,
        Warnings = null!,
        Status = null!,
        Health = null!,
        RerunCheck = null!,
        Records = null!,
        CheckRecords = null!,
        Dkim = null!,
    };

    private sealed class OneAccount(AccountCredentials credentials) : IDirectory
    {
        public long Version => 1;

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(credentials);

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => throw new NotSupportedException();
    }
}
