using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>
/// Debian's opendkim and opendmarc as the milters of a receiving host. They use the name server of <c>/etc/resolv.conf</c>, port 53: a mount namespace
/// gives them their own, on a loopback address.
/// </summary>
internal sealed class DmarcMilters : IDisposable
{
    /// <summary>The address on which the DNS server of the test must listen, port 53.</summary>
    public const string Resolver = "127.153.0.53";

    private readonly string _folder = Directory.CreateTempSubdirectory("milters-").FullName;
    private readonly List<Process> _filters = [];

    private DmarcMilters() { }

    public IReadOnlyList<int> Ports { get; } = [FreePort.Take(), FreePort.Take()];

    public static async Task<DmarcMilters> StartAsync()
    {
        var milters = new DmarcMilters();
        milters.Write("resolv.conf", $"nameserver {Resolver}");
        milters.Write("others", "192.0.2.1");
        // The resolver library of opendkim ignores loopback servers, and answers for .test itself, unless configured otherwise.
        milters.Write("unbound.conf", $"""
            server:
              do-not-query-localhost: no
              local-zone: "test." nodefault
            forward-zone:
              name: "."
              forward-addr: {Resolver}
            """);
        milters.Write("opendkim.conf", $"""
            Mode v
            AuthservID judge.test
            ResolverConfiguration {milters._folder}/unbound.conf
            InternalHosts {milters._folder}/others
            """);
        milters.Write("opendmarc.conf", $"""
            AuthservID judge.test
            TrustedAuthservIDs judge.test
            IgnoreHosts {milters._folder}/others
            RejectFailures true
            """);
        foreach (var (name, port) in new[] { "opendkim", "opendmarc" }.Zip(milters.Ports))
        {
            milters.Start(name, port);
            await Eventually.BecomesTrueAsync(() => Answers(port), name + " listens");
        }

        return milters;
    }

    public void Dispose()
    {
        foreach (var filter in _filters)
        {
            filter.Kill(entireProcessTree: true);
            filter.WaitForExit();
            filter.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content + "\n");

    private void Start(string name, int port)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"mount --bind {_folder}/resolv.conf /etc/resolv.conf && exec /usr/sbin/{name} -f -c {_folder}/{name}.conf -p inet:{port}@127.0.0.1");
        if (name == "opendkim") script = script.Replace(" -c ", " -x ", StringComparison.Ordinal);
        _filters.Add(Process.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", script])) ?? throw new InvalidOperationException(name));
    }
}
