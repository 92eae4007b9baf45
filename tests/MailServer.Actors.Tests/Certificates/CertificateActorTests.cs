using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Certificates;
using MailServer.Domain.Health;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Certificates;

/// <summary>The certificate actor with an authority controlled by the test.</summary>
public sealed class CertificateActorTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FixedCertificate _selfSigned = new(Make("localhost"));
    private readonly NodeProblems _problems = new();
    private readonly CertificateSelector _selector;

    public CertificateActorTests() => _selector = new CertificateSelector(_selfSigned);

    [Fact]
    public async Task Every_name_gets_a_certificate_and_the_first_serves_clients_without_SNI()
    {
        var authority = new FakeCertificateIssuer();
        var actor = Start(authority, names: ["mail.test", "autoconfig.example.test"]);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Facts: not null }, { Facts: not null }]);
        Assert.Equal(["mail.test"], _selector.Select(null).Names);
        Assert.Equal(["autoconfig.example.test"], _selector.Select("autoconfig.example.test").Names);
        Assert.Equal(["mail.test", "autoconfig.example.test"], authority.Issued);
    }

    [Fact]
    public async Task A_failing_name_is_reported_and_does_not_block_the_others()
    {
        var authority = new FakeCertificateIssuer();
        authority.Failing["bad.test"] = new AcmeException(AcmeFailure.RateLimited, "too many certificates", TimeSpan.FromHours(3));
        var actor = Start(authority, names: ["bad.test", "mail.test"]);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Failure.Length: > 0 }, { Facts: not null }]);
        var failed = (await ShownAsync(actor))[0];
        Assert.Equal("too many certificates", failed.Failure);
        Assert.InRange(failed.NextAttempt!.Value, DateTimeOffset.UtcNow.AddHours(2), DateTimeOffset.UtcNow.AddHours(4));
        // There is no better one: the self-signed certificate stays the default.
        Assert.Same(_selfSigned.Current, _selector.Select("bad.test"));
    }

    [Fact]
    public async Task A_failed_renewal_keeps_the_current_certificate_and_is_retried_on_demand()
    {
        var authority = new FakeCertificateIssuer();
        var kept = Make("mail.test");
        var actor = Start(authority, names: ["mail.test"], kept: kept);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Facts: not null }]);
        authority.Failing["mail.test"] = new AcmeException(AcmeFailure.Unreachable, "nobody answers");
        Assert.Equal(1, (await actor.Ask<CertificateProtocol.RenewalStarted>(new CertificateProtocol.Renew(null), Patience)).Count);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Failure: "nobody answers" }]);
        Assert.Same(kept, _selector.Select("mail.test"));

        authority.Failing.Clear();
        await actor.Ask<CertificateProtocol.RenewalStarted>(new CertificateProtocol.Renew("mail.test"), Patience);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Failure: "" }]);
        Assert.NotSame(kept, _selector.Select("mail.test"));
        Assert.Equal([kept.Certificate.Thumbprint], authority.Replaced);
    }

    [Fact]
    public async Task A_new_name_is_tested_first_and_not_ordered_if_the_test_fails()
    {
        var (authority, rehearsal) = (new FakeCertificateIssuer(), new FakeCertificateIssuer());
        rehearsal.Failing["mail.test"] = new AcmeException(AcmeFailure.Challenge, "cannot see port 80");
        var actor = Start(authority, names: ["mail.test"], rehearsal: rehearsal);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Failure: "cannot see port 80" }]);
        Assert.Empty(authority.Issued);

        rehearsal.Failing.Clear();
        await actor.Ask<CertificateProtocol.RenewalStarted>(new CertificateProtocol.Renew(null), Patience);
        await UntilAsync(async () => await ShownAsync(actor) is [{ Facts: not null }]);
        Assert.Equal(["mail.test"], authority.Issued);
        Assert.Equal(2, rehearsal.Rehearsed);
    }

    [Fact]
    public async Task A_certificate_is_renewed_at_once_when_its_renewal_window_has_begun()
    {
        var authority = new FakeCertificateIssuer { Window = new RenewalWindow(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(-1), null) };
        var kept = Make("mail.test");
        var actor = Start(authority, names: ["mail.test"], kept: kept);
        await UntilAsync(() => Task.FromResult(!authority.Issued.IsEmpty));
        await UntilAsync(() => Task.FromResult(!ReferenceEquals(kept, _selector.Select("mail.test"))));
        Assert.Single(await ShownAsync(actor));
    }

    [Fact]
    public async Task A_node_that_was_not_told_about_a_new_certificate_finds_it_soon()
    {
        ServerCertificate? stored = null;
        Sys.ActorOf(CertificateProxyActor.Props(Services(new FakeCertificateIssuer(), ["mail.test"], _ => Volatile.Read(ref stored)), ActorRefs.Nobody));
        await Task.Delay(500);
        Assert.Same(_selfSigned.Current, _selector.Select("mail.test"));
        Volatile.Write(ref stored, Make("mail.test"));
        await UntilAsync(() => Task.FromResult(ReferenceEquals(stored, _selector.Select("mail.test"))));
    }

    public static TheoryData<Exception, bool> Failures
    {
        get
        {
            Exception[] all =
            [
                new UnauthorizedAccessException("root's"), new IOException("disk"), new CryptographicException("damaged key"), new FormatException("damaged"),
                new System.Text.Json.JsonException("damaged"), new InvalidOperationException("bug"), new InvalidCastException("bug"), new TaskCanceledException("late"),
                new HttpRequestException("network"), new AcmeException(AcmeFailure.Unreachable, "network"), new AcmeException(AcmeFailure.AccountFile, "the account file cannot be read"),
                new AcmeException(AcmeFailure.RateLimited, "later", TimeSpan.Zero), new CertificateException("misfit"), new AggregateException(new IOException("disk")),
            ];
            var data = new TheoryData<Exception, bool>();
            foreach (var failure in all)
            {
                data.Add(failure, true);
                data.Add(failure, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_failed_order_is_retried_after_a_pause(Exception failure, bool isQuestion)
    {
        var authority = new FakeCertificateIssuer { FailedQuestions = isQuestion ? failure : null };
        if (!isQuestion) authority.Failing["mail.test"] = failure;
        var actor = Start(authority, names: ["mail.test"], kept: isQuestion ? Make("mail.test") : null);
        await UntilAsync(() => Task.FromResult(authority.Asked > 0));
        // Each round trip gives the actor time to continue.
        for (var i = 0; i < 50; i++) await ShownAsync(actor);
        Assert.Equal(1, authority.Asked);
        var reported = _problems.Current.Any(p => p.Text == "the account file cannot be read");
        Assert.Equal(failure is AcmeException { Failure: AcmeFailure.AccountFile }, reported);
    }

    [Fact]
    public async Task An_unknown_name_cannot_be_renewed()
    {
        var actor = Start(new FakeCertificateIssuer(), names: ["mail.test"]);
        Assert.Equal(0, (await actor.Ask<CertificateProtocol.RenewalStarted>(new CertificateProtocol.Renew("other.test"), Patience)).Count);
    }

    private static async Task<IReadOnlyList<CertificateStatus>> ShownAsync(IActorRef actor) =>
        (await actor.Ask<CertificateProtocol.CertificateList>(new CertificateProtocol.ListCertificates(), Patience)).Certificates;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!await condition()) await Task.Delay(20, late.Token);
    }

    private IActorRef Start(FakeCertificateIssuer authority, string[] names, ServerCertificate? kept = null, FakeCertificateIssuer? rehearsal = null) =>
        Sys.ActorOf(CertificateActor.Props(Services(authority, names, _ => kept, rehearsal)));

    private CertificateServices Services(FakeCertificateIssuer authority, string[] names, Func<string, ServerCertificate?> stored, FakeCertificateIssuer? rehearsal = null) => new()
    {
        Names = _ => Task.FromResult<IReadOnlyList<string>>(names),
        Issuer = authority,
        StagingIssuer = rehearsal,
        LoadStored = stored,
        Fallback = _selfSigned,
        Selector = _selector,
        Problems = _problems,
        Time = TimeProvider.System,
        RandomFraction = static () => 0.5,
        Loggers = NullLoggerFactory.Instance,
    };

    internal static ServerCertificate Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return new ServerCertificate(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(89)));
    }

    private sealed class FakeCertificateIssuer : ICertificateIssuer
    {
        private int _rehearsed;
        private int _asked;

        public Uri Directory { get; } = new("https://authority.test/directory");

        public ConcurrentDictionary<string, Exception> Failing { get; } = [];

        public ConcurrentQueue<string> Issued { get; } = [];

        public ConcurrentQueue<string> Replaced { get; } = [];

        /// <summary>Thrown by every request for a renewal window.</summary>
        public Exception? FailedQuestions { get; init; }

        public int Asked => _asked;

        public int Rehearsed => _rehearsed;

        public RenewalWindow? Window { get; init; }

        public Task<ServerCertificate> IssueAsync(string name, X509Certificate2? replaces, CancellationToken cancel)
        {
            Interlocked.Increment(ref _asked);
            if (Failing.TryGetValue(name, out var failure)) return Task.FromException<ServerCertificate>(failure);
            Issued.Enqueue(name);
            if (replaces is not null) Replaced.Enqueue(replaces.Thumbprint);
            return Task.FromResult(Make(name));
        }

        public Task RehearseAsync(string name, CancellationToken cancel)
        {
            Interlocked.Increment(ref _rehearsed);
            return Failing.TryGetValue(name, out var failure) ? Task.FromException(failure) : Task.CompletedTask;
        }

        public Task<RenewalWindow?> RenewalWindowAsync(X509Certificate2 certificate, CancellationToken cancel)
        {
            if (FailedQuestions is null) return Task.FromResult(Issued.IsEmpty ? Window : null);
            Interlocked.Increment(ref _asked);
            return Task.FromException<RenewalWindow?>(FailedQuestions);
        }
    }
}
