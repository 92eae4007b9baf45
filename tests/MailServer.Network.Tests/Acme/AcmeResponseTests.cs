using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailServer.Network.Acme;

namespace MailServer.Network.Tests.Acme;

/// <summary>Responses that Pebble does not send: rate limits, renewal windows, invalid data.</summary>
public sealed class AcmeResponseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("acme");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_rate_limit_carries_its_retry_time()
    {
        var authority = new FakeAcmeServer { OrderStatus = HttpStatusCode.TooManyRequests, Order = """{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates"}""", RetryAfter = "3600" };
        using var issuer = Issuer(authority);
        var refused = await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, default));
        Assert.Equal((AcmeFailure.RateLimited, TimeSpan.FromHours(1)), (refused.Failure, refused.RetryAfter));
        Assert.Contains("too many certificates", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subproblems_are_reported()
    {
        var authority = new FakeAcmeServer
        {
            OrderStatus = HttpStatusCode.Forbidden,
            Order = """{"type":"urn:ietf:params:acme:error:malformed","detail":"several","subproblems":[{"detail":"no such suffix"},{"type":"urn:ietf:params:acme:error:caa"}]}""",
        };
        using var issuer = Issuer(authority);
        var refused = await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, default));
        Assert.Contains("several; no such suffix; caa", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_bad_nonces_end_the_attempts()
    {
        var authority = new FakeAcmeServer { OrderStatus = HttpStatusCode.BadRequest, Order = """{"type":"urn:ietf:params:acme:error:badNonce"}""" };
        using var issuer = Issuer(authority);
        await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, default));
        Assert.InRange(authority.Orders.Count, 2, 100);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("<html>hello</html>")]
    [InlineData("""{"newNonce": 7}""")]
    public async Task A_response_that_is_not_ACME_is_reported_as_such(string directory)
    {
        using var issuer = Issuer(new FakeAcmeServer { Directory = directory });
        var refused = await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", null, default));
        Assert.Equal(AcmeFailure.Unreachable, refused.Failure);
        Assert.Contains("authority.test", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_renewal_window_is_requested_by_issuer_and_serial_number()
    {
        using var certificate = Certificate();
        var authority = new FakeAcmeServer { RenewalInfo = """{"suggestedWindow":{"start":"2030-01-02T04:00:00Z","end":"2030-01-03T04:00:00Z"}}""", RetryAfter = "21600" };
        using var issuer = Issuer(authority);
        var window = await issuer.RenewalWindowAsync(certificate, default);
        Assert.Equal(new RenewalWindow(new(2030, 1, 2, 4, 0, 0, TimeSpan.Zero), new(2030, 1, 3, 4, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(6)), window);
        // The example of RFC 9773 §4.1.
        Assert.EndsWith("/renewal/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", authority.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_without_renewal_information_gives_no_window()
    {
        using var certificate = Certificate();
        using var issuer = Issuer(new FakeAcmeServer { HasRenewals = false });
        Assert.Null(await issuer.RenewalWindowAsync(certificate, default));
    }

    [Fact]
    public async Task A_renewal_names_the_replaced_certificate_and_omits_it_where_that_is_refused()
    {
        using var certificate = Certificate();
        var authority = new FakeAcmeServer { OrderStatus = HttpStatusCode.Conflict, Order = """{"type":"urn:ietf:params:acme:error:alreadyReplaced","detail":"replaced already"}""" };
        using var issuer = Issuer(authority);
        await Assert.ThrowsAsync<AcmeException>(() => issuer.IssueAsync("mail.test", certificate, default));
        Assert.Equal(2, authority.Orders.Count);
        Assert.Contains("\"replaces\":\"aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE\"", authority.Orders[0], StringComparison.Ordinal);
        Assert.DoesNotContain("replaces", authority.Orders[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_thumbprint_uses_the_member_order_of_RFC_7638()
    {
        using var key = AcmeAccountKey.Create();
        using var again = AcmeAccountKey.FromPem(key.ToPem());
        var text = $$"""{"crv":"P-256","kty":"EC","x":"{{key.Public.X}}","y":"{{key.Public.Y}}"}""";
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text))), again.Thumbprint);
    }

    [Theory]
    [InlineData("acme-tls/1", true)]
    [InlineData("h2", false)]
    public void The_offered_protocols_are_read_from_the_first_record_and_truncation_is_harmless(string offered, bool expected)
    {
        var record = Hello(offered);
        Assert.Equal(expected, ClientHello.Offers(record, "acme-tls/1"u8));
        for (var length = 0; length < record.Length; length++) Assert.False(ClientHello.Offers(record.AsSpan(0, length), "acme-tls/1"u8));
    }

    private static byte[] Hello(string protocol)
    {
        byte[] name = [(byte)protocol.Length, .. Encoding.ASCII.GetBytes(protocol)];
        byte[] alpn = [0, 16, 0, (byte)(name.Length + 2), 0, (byte)name.Length, .. name];
        byte[] extensions = [0, 10, 0, 2, 1, 1, .. alpn];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 19, 1, 1, 0, 0, (byte)extensions.Length, .. extensions];
        return [22, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }

    /// <summary>With the key identifier and the serial number of RFC 9773's example.</summary>
    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")));
        var generator = X509SignatureGenerator.CreateForECDsa(key);
        return request.Create(new X500DistinguishedName("CN=issuer"), generator, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), Convert.FromHexString("0087654321"));
    }

    private AcmeIssuer Issuer(FakeAcmeServer authority) => new(new AcmeOptions
    {
        Directory = new Uri("https://authority.test/directory"),
        Solver = new HttpChallenges(),
        Store = new AcmeStore(_folder.FullName),
        Http = new HttpClient(authority),
        Time = TimeProvider.System,
    });

    /// <summary>An ACME server with scripted responses.</summary>
    private sealed class FakeAcmeServer : HttpMessageHandler
    {
        public string? Directory { get; init; }

        public bool HasRenewals { get; init; } = true;

        public HttpStatusCode OrderStatus { get; init; }

        public string Order { get; init; } = "";

        public string RenewalInfo { get; init; } = "";

        public string? RetryAfter { get; init; }

        public List<string> Asked { get; } = [];

        /// <summary>The payloads of new orders.</summary>
        public List<string> Orders { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var url = request.RequestUri!.AbsoluteUri;
            Asked.Add(url);
            var renewals = HasRenewals ? ",\"renewalInfo\":\"https://authority.test/renewal\"" : "";
            var (status, body) = request.RequestUri.AbsolutePath switch
            {
                "/directory" => (HttpStatusCode.OK, Directory ?? "{\"newNonce\":\"https://authority.test/nonce\",\"newAccount\":\"https://authority.test/account\",\"newOrder\":\"https://authority.test/order\"" + renewals + "}"),
                "/order" => (OrderStatus, await TakeOrderAsync(request, cancellationToken)),
                ['/', 'r', ..] => (HttpStatusCode.OK, RenewalInfo),
                _ => (HttpStatusCode.Created, "{}"),
            };
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, status >= HttpStatusCode.BadRequest ? "application/problem+json" : "application/json") };
            response.Headers.Add("Replay-Nonce", Asked.Count.ToString(CultureInfo.InvariantCulture));
            response.Headers.Location = new Uri("https://authority.test/account/1");
            if (RetryAfter is not null) response.Headers.Add("Retry-After", RetryAfter);
            return response;
        }

        private async Task<string> TakeOrderAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            using var jws = System.Text.Json.JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancel));
            Orders.Add(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.RootElement.GetProperty("payload").GetString())));
            return Order;
        }
    }
}
