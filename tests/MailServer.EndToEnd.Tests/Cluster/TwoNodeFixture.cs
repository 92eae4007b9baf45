using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Network.Tests.Acme;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Two nodes with certificates of a test authority, shared by all tests of a class: each test leaves both running.</summary>
public sealed class TwoNodeFixture : IAsyncLifetime
{
    private readonly string _keys = Directory.CreateTempSubdirectory("cluster-keys-").FullName;
    private readonly int _admin = FreePort.Take();
    private ClusterRig? _rig;

    public ClusterRig Rig => _rig ?? throw new InvalidOperationException("not started");

    /// <summary>Null where it is not installed: then the nodes use self-signed certificates.</summary>
    internal PebbleServer? Authority { get; private set; }

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null && !ProjectPaths.IsCi) return;
        MakeKeys("ours", "a", "b");
        MakeKeys("theirs", "foreign");
        if (PebbleServer.IsInstalled) Authority = await PebbleServer.StartAsync();
        // Names resolve to the first node, which is alone when it places its first order.
        if (Authority is not null) await Authority.TellDnsAsync("set-default-ipv4", """{"ip":"127.0.0.2"}""");
        _rig = await ClusterRig.StartAsync(accounts: 3, adjust: Adjust, tls: false);
        // A test that ends a node during the first order would make the authority's check fail, and the next order is minutes away.
        if (Authority is not null)
            await Eventually.BecomesTrueAsync(
                async () => await SerialAsync(Rig.A) is { } serial && serial == await SerialAsync(Rig.B), "both nodes use the certificate that the authority issued", TimeSpan.FromMinutes(1), () => Rig.A.Log + Rig.B.Log);
    }

    public async Task DisposeAsync()
    {
        if (_rig is not null) await _rig.DisposeAsync();
        if (Authority is not null) await Authority.DisposeAsync();
        Directory.Delete(_keys, recursive: true);
    }

    public Uri Page(ClusterNode node) => new(string.Create(CultureInfo.InvariantCulture, $"http://{node.Address}:{_admin}"));

    /// <summary>The <c>cluster:</c> settings with which <paramref name="who"/> connects to nodes that trust <paramref name="authority"/>.</summary>
    public string Keys(string who, string authority) => $"  tls_cert_file: {_keys}/{who}.pem\n  tls_key_file: {_keys}/{who}.key\n  tls_ca_file: {_keys}/{authority}.pem\n";

    public X509Certificate2 Certificate(string who)
    {
        using var pem = X509Certificate2.CreateFromPemFile($"{_keys}/{who}.pem", $"{_keys}/{who}.key");
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null);
    }

    /// <summary>The serial number of the certificate of a node, if the test authority issued it.</summary>
    public static async Task<string?> SerialAsync(ClusterNode node)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Address, node.Dav);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.example.test", RemoteCertificateValidationCallback = static (_, _, _, _) => true });
        return tls.RemoteCertificate!.Issuer.Contains("Pebble", StringComparison.Ordinal) ? tls.RemoteCertificate.GetSerialNumberString() : null;
    }

    /// <summary>The node that runs the singletons, and the other one.</summary>
    public async Task<(ClusterNode Oldest, ClusterNode Other)> ByAgeAsync()
    {
        await ClusterRig.BothAreUpAsync(Rig.A);
        using var json = JsonDocument.Parse((await Rig.A.CliAsync("cluster", "show", "--json")).Succeeded().Output);
        var oldest = json.RootElement.EnumerateArray().First(n => n.GetProperty("oldest").GetBoolean()).GetProperty("node").GetString();
        return oldest == Rig.A.Name ? (Rig.A, Rig.B) : (Rig.B, Rig.A);
    }

    private void Adjust(ClusterRig rig, ClusterNode node)
    {
        var text = File.ReadAllText(node.ConfigFile).Replace("verify_dmarc: false", "verify_dmarc: true", StringComparison.Ordinal);
        var more = string.Create(CultureInfo.InvariantCulture, $"admin:\n  enabled: true\n  listen: {node.Address}\n  port: {_admin}\n");
        if (Authority is { } authority)
        {
            text = text.Replace("  dav_port:", string.Create(CultureInfo.InvariantCulture, $"  http_port: {authority.HttpPort}\n  dav_port:"), StringComparison.Ordinal);
            more += string.Create(CultureInfo.InvariantCulture, $"dns:\n  servers: 127.0.0.1:{authority.DnsPort}\ntls:\n  auto_tls: true\n  email: postmaster@example.test\n")
                + $"  acme_directory: {authority.Authority}\n  acme_ca_file: {authority.CaFile}\n";
        }

        File.WriteAllText(node.ConfigFile, text.TrimEnd() + "\n" + Keys(node.Name, "ours") + more);
    }

    private void MakeKeys(string authority, params string[] nodes)
    {
        using var signer = new NodeAuthority(_keys, authority);
        foreach (var node in nodes) signer.Sign(node);
    }
}
