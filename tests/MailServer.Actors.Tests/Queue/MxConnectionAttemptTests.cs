using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.EndToEnd.Tests.Transport;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;
using MailServer.Network.Tests;
using MailServer.Network.Tests.Tls;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Tests.Queue;

/// <summary>What is recorded for the TLS report of a domain when one of its hosts is contacted, and what the record of the attempt says about TLS.</summary>
public sealed class MxConnectionAttemptTests : IAsyncLifetime
{
    private const string Mx = "mx.far.test";
    private static readonly TestAuthority Authority = new();

    private readonly QueueTestNode _node = new();
    private readonly RecordingReportLog _noted = new();
    private readonly int _port = FreePort.Take();
    private TlsReceiver? _host;

    [Fact]
    public async Task A_TLS_session_without_a_policy_is_recorded_as_successful()
    {
        Assert.Equal("TLSv1.3, verified", await MeetAsync(Authority.Issue(Mx), MtaStsResult.NoPolicy));
        var observation = Assert.Single(_noted.Observations);
        Assert.Equal(("far.test", TlsPolicyType.None, null, Mx), (observation.PolicyDomain, observation.PolicyType, observation.Failure, observation.MxHost));
        Assert.Equal((IPAddress.Loopback, IPAddress.Loopback), (observation.ReceivingAddress, observation.SendingAddress));
    }

    [Fact]
    public async Task A_host_without_STARTTLS_is_recorded_and_gets_its_mail()
    {
        Assert.Equal("none: the host does not offer it", await MeetAsync(null, MtaStsResult.NoPolicy));
        Assert.Equal("starttls-not-supported", Assert.Single(_noted.Observations).Failure);
    }

    [Theory]
    [InlineData(MtaStsMode.Enforce, null)]
    [InlineData(MtaStsMode.Testing, "TLSv1.3, not verified: the certificate is not for mx.far.test")]
    public async Task A_certificate_with_another_name_is_recorded_and_the_policy_decides_the_outcome(MtaStsMode mode, string? tls)
    {
        Assert.Equal(tls, await MeetAsync(Authority.Issue("elsewhere.test"), Sts(mode, Mx)));
        var observation = Assert.Single(_noted.Observations);
        Assert.Equal((TlsPolicyType.Sts, "certificate-host-mismatch"), (observation.PolicyType, observation.Failure));
        Assert.Equal("version: STSv1", observation.PolicyStrings[0]);
        Assert.Equal([Mx], observation.MxPatterns);
    }

    [Fact]
    public async Task An_expired_certificate_and_a_host_outside_the_policy_have_distinct_results()
    {
        Assert.Null(await MeetAsync(Authority.Issue(Mx, age: 8), Sts(MtaStsMode.Enforce, Mx)));
        Assert.Null(await MeetAsync(Authority.Issue(Mx), Sts(MtaStsMode.Enforce, "other.far.test")));
        Assert.Equal(["certificate-expired", "validation-failure"], _noted.Observations.Select(static o => o.Failure));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_fetched_is_recorded_beside_the_session()
    {
        Assert.NotNull(await MeetAsync(Authority.Issue(Mx), MtaStsResult.NoPolicy with { Failure = "sts-policy-fetch-error", Steps = ["answered 500"] }));
        Assert.Equal([(TlsPolicyType.Sts, "sts-policy-fetch-error", null), (TlsPolicyType.None, null, Mx)], _noted.Observations.Select(static o => (o.PolicyType, o.Failure, o.MxHost)));
    }

    [Fact]
    public async Task TLSA_records_are_recorded_in_zone_file_form()
    {
        using var certificate = Authority.Issue("whatever.test");
        var record = new TlsaRecord(TlsaRecord.EndEntity, 1, 1, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        Assert.Equal("TLSv1.3, verified by DANE", await MeetAsync(certificate, MtaStsResult.NoPolicy, record));
        Assert.Null(await MeetAsync(Authority.Issue(Mx), MtaStsResult.NoPolicy, record));
        Assert.Equal([null, "tlsa-invalid"], _noted.Observations.Select(static o => o.Failure));
        Assert.All(_noted.Observations, o => Assert.Equal((TlsPolicyType.Tlsa, record.ToString()), (o.PolicyType, Assert.Single(o.PolicyStrings))));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _node.Dispose();
    }

    /// <summary>The TLS description of the session; null when no session was opened.</summary>
    private async Task<string?> MeetAsync(X509Certificate2? certificate, MtaStsResult sts, TlsaRecord? tlsa = null)
    {
        _host ??= new TlsReceiver("127.0.0.1", _port) { Chain = Authority.Chain };
        _host.Certificate = certificate;
        var world = new SecureExchangerDns(sts, tlsa);
        var plain = _node.Services(_node.OpenSpool(), ActorRefs.Nobody);
        var services = plain with
        {
            Options = plain.Options with { Relay = null, Port = _port },
            Dns = world,
            MtaSts = world,
            Dane = tlsa is null ? null : new DaneLookup(world),
            Reports = _noted,
            Connector = new OutboundConnector(world, Limits.Default, TimeProvider.System, Authority.Roots),
        };
        var opener = new DestinationConnector(services, new Destination("far.test", null));
        var opened = await opener.ConnectAsync();
        if (opened.Session is not { } session)
        {
            Assert.Equal((451, "4.7.5"), (opened.Refusal!.Code, opened.Refusal.EnhancedCode));
            return null;
        }

        await session.QuitAsync();
        return session.Tls;
    }

    private static MtaStsResult Sts(MtaStsMode mode, string mx) => new(MtaStsPolicy.ForHost(mx, mode));

    private sealed class RecordingReportLog : IObservationRecorder
    {
        public List<TlsObservation> Observations { get; } = [];

        public void Record(DmarcObservation observation) { }

        public void Record(TlsObservation observation) => Observations.Add(observation);
    }

    /// <summary>One domain with one mail exchanger on loopback, all DNS answers secure.</summary>
    private sealed class SecureExchangerDns(MtaStsResult sts, TlsaRecord? tlsa) : IDnsLookup, IDnssecLookup, IResolver, IMtaStsResolver
    {
        public bool IsTrusted => true;

        public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) => Found(new MailExchange(10, Mx));

        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) => Found(IPAddress.Loopback);

        public Task<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancel) => tlsa is null ? None<TlsaRecord>() : Found(tlsa);

        public Task<MtaStsResult> FindAsync(string domain, CancellationToken cancel) => Task.FromResult(sts);

        public Task<DnsAnswer<string>> LookupCnameAsync(string name, CancellationToken cancel) => None<string>();

        public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => None<string>();

        public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => None<string>();

        private static Task<DnsAnswer<T>> Found<T>(T value) => Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.RecordsFound([value]) { IsSecure = true });

        private static Task<DnsAnswer<T>> None<T>() => Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.NoRecords(NameExists: true));
    }
}
