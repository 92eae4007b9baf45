using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Transport;

/// <summary>
/// Zones signed with BIND's tools, and an unbound on loopback that validates them: it trusts the keys of the signed zones, and knows no
/// other names.
/// </summary>
internal sealed class SignedZones : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zones-").FullName;
    private readonly List<string> _configuration = [];
    private readonly List<string> _anchors = [];
    private BackgroundProgram? _unbound;

    public IPEndPoint Resolver { get; } = new(IPAddress.Loopback, FreePort.Take());

    public static string Tlsa(X509Certificate2 certificate, int usage, int selector)
    {
        var octets = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return string.Create(CultureInfo.InvariantCulture, $"TLSA {usage} {selector} 1 {Convert.ToHexString(SHA256.HashData(octets))}");
    }

    /// <param name="name">The zone.</param>
    /// <param name="records">Its records, without SOA and NS.</param>
    /// <param name="signed">True: signed with keys that the resolver trusts.</param>
    /// <param name="forge">Changes the zone after signing.</param>
    public async Task AddAsync(string name, string records, bool signed = true, Func<string, string>? forge = null)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, $"$TTL 60\n$ORIGIN {name}.\n@ SOA ns.{name}. postmaster.{name}. 1 3600 600 86400 60\n@ NS ns.{name}.\nns A 127.0.0.1\n{records}\n");
        if (signed)
        {
            var key = (await RunAsync("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", name)).Output.Trim();
            await RunAsync("dnssec-signzone", "-q", "-S", "-z", "-o", name, "-f", file, file);
            _anchors.Add(Path.Combine(_folder, key + ".key"));
        }

        if (forge is not null)
        {
            await File.WriteAllTextAsync(file, forge(await File.ReadAllTextAsync(file)));
        }

        _configuration.Add($"auth-zone:\n  name: {name}\n  zonefile: {file}\n  for-downstream: no\n  for-upstream: yes\n  fallback-enabled: no");
    }

    public async Task StartAsync()
    {
        var file = Path.Combine(_folder, "unbound.conf");
        var hints = Path.Combine(_folder, "root.hints");
        await File.WriteAllTextAsync(hints, ". 3600 NS nowhere.test.\nnowhere.test. 3600 A 127.0.0.1\n");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
            server:
              interface: 127.0.0.1
              port: {Resolver.Port}
              directory: {_folder}
              chroot: ""
              username: ""
              pidfile: ""
              use-syslog: no
              do-daemonize: no
              do-ip6: no
              num-threads: 1
              module-config: "validator iterator"
              local-zone: test. nodefault
              root-hints: {hints}
            {string.Concat(_anchors.Select(a => $"  trust-anchor-file: {a}\n"))}
            remote-control:
              control-enable: no
            {string.Join('\n', _configuration)}
            """) + "\n");
        _unbound = new BackgroundProgram(_folder, "/usr/sbin/unbound", "-d", "-c", file);
        await Eventually.BecomesTrueAsync(() =>
        {
            Assert.False(_unbound.HasEnded, _unbound.Output);
            return _unbound.Output.Contains("start of service", StringComparison.Ordinal);
        }, "unbound answers");
    }

    public async ValueTask DisposeAsync()
    {
        if (_unbound is not null)
        {
            await _unbound.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<ProgramRun> RunAsync(string program, params string[] arguments) => (await ProgramRun.StartAsync(program, arguments, directory: _folder)).Succeeded();
}
