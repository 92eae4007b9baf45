using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailServer.Network.Tests.Acme;

/// <summary>
/// An independent certificate authority on loopback: Let's Encrypt's Pebble, with its DNS server, in which every name is 127.0.0.1.
/// </summary>
internal sealed class PebbleServer : IAsyncDisposable
{
    public const string Program = "pebble";

    private readonly string _folder = Directory.CreateTempSubdirectory("pebble-").FullName;
    private readonly List<Process> _processes = [];
    private readonly int _management = FreePort.Take();
    private readonly HttpClient _http;

    private PebbleServer(IReadOnlyDictionary<string, string> environment, bool externalAccounts, int? httpPort)
    {
        CaFile = Path.Combine(_folder, "ca.pem");
        HttpPort = httpPort ?? FreePort.Take();
        TlsPort = FreePort.Take();
        DnsPort = FreePort.Take();
        ChallengesPort = FreePort.Take();
        var port = FreePort.Take();
        Authority = new Uri($"https://localhost:{port}/dir");
        WriteCertificate();
        var external = externalAccounts ? """, "externalAccountBindingRequired": true, "externalAccountMACKeys": { "kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W" }""" : "";
        File.WriteAllText(Path.Combine(_folder, "config.json"), $$"""
            { "pebble": { "listenAddress": "127.0.0.1:{{port}}", "managementListenAddress": "127.0.0.1:{{_management}}",
              "certificate": "{{CaFile}}", "privateKey": "{{_folder}}/key.pem", "httpPort": {{HttpPort}}, "tlsPort": {{TlsPort}}{{external}} } }
            """);
        Start("pebble-challtestsrv", environment, "-dns01", $"127.0.0.1:{DnsPort}", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", $"127.0.0.1:{ChallengesPort}", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "");
        Start(Program, environment, "-config", Path.Combine(_folder, "config.json"), "-dnsserver", $"127.0.0.1:{DnsPort}", "-strict", "true");
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        _http = new HttpClient(handler);
    }

    public Uri Authority { get; }

    /// <summary>The root certificate of its HTTPS port.</summary>
    public string CaFile { get; }

    public int HttpPort { get; }

    public int TlsPort { get; }

    public int DnsPort { get; }

    /// <summary>The management URL of its DNS server.</summary>
    public int ChallengesPort { get; }

    public static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, Program)));

    /// <param name="rejectedNonces">The percentage of valid nonces that it rejects.</param>
    /// <param name="externalAccounts">True: external account binding is required (RFC 8555 §7.3.4).</param>
    /// <param name="httpPort">The port on which it validates challenges; null: a free port.</param>
    public static async Task<PebbleServer> StartAsync(int rejectedNonces = 0, bool externalAccounts = false, int? httpPort = null)
    {
        var server = new PebbleServer(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PEBBLE_VA_NOSLEEP"] = "1",
                ["PEBBLE_AUTHZREUSE"] = "0",
                ["PEBBLE_WFE_NONCEREJECT"] = rejectedNonces.ToString(CultureInfo.InvariantCulture),
            },
            externalAccounts,
            httpPort);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await server._http.GetStringAsync(server.Authority);
                await server.TellDnsAsync("add-a", """{"host":"other.test","addresses":["127.0.0.1"]}""");
                return server;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromSeconds(15))
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>The root of its issued certificates.</summary>
    public async Task<X509Certificate2> RootAsync() => X509Certificate2.CreateFromPem(await _http.GetStringAsync(new Uri($"https://localhost:{_management}/roots/0")));

    public async Task TellDnsAsync(string what, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8);
        using var response = await _http.PostAsync(new Uri($"http://127.0.0.1:{ChallengesPort}/{what}"), content);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stops the authority.</summary>
    public async Task StopAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _processes.Clear();
    }

    private void Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(CaFile, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}

/// <summary>A test that needs Pebble. Without Pebble it is skipped by name, except in continuous integration.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PebbleFactAttribute : FactAttribute
{
    public PebbleFactAttribute()
    {
        if (!PebbleServer.IsInstalled && !string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Skip = "not installed: " + PebbleServer.Program;
    }
}
