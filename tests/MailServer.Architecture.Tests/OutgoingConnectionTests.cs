namespace MailServer.Architecture.Tests;

/// <summary>
/// Every place that opens a connection either checks <c>AddressRule</c> or connects to what the administrator configured. A new one fails here until
/// it is classified.
/// </summary>
public sealed class OutgoingConnectionTests
{
    /// <summary>Files that create sockets or HTTP clients without the check, and the reason.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
        ["src/MailServer.Network/Outbound/OutboundConnector.cs"] = "the queue decides whether the host was configured by the administrator",
        ["src/MailServer.Network/Outbound/OutboundConnection.cs"] = "uses a connected socket",
        ["src/MailServer.Network/Outbound/UnixSocketHttpClient.cs"] = "the server's own Unix socket",
        ["src/MailServer.Network/Diagnostics/NetworkProbe.cs"] = "hosts chosen by the administrator, for doctor and preflight",
        ["src/MailServer.Network/Acme/AcmeHttp.cs"] = "the certificate authority of the configuration",
        ["src/MailServer.Network/Listeners/InheritedSockets.cs"] = "listens",
        ["src/MailServer.Network/NodeLinks/NodeListener.cs"] = "listens, and connects to the nodes of the configuration",
        ["src/MailServer.Network/Listeners/SocketListenerFactory.cs"] = "listens",
        ["src/MailServer.Network/Listeners/SocketListener.cs"] = "listens",
        ["src/MailServer.Network/Listeners/Connection.cs"] = "uses a connected socket",
    };

    private static readonly string[] Opens = ["new Socket(", "new SocketsHttpHandler", "new HttpClientHandler", "new HttpClient(", "new TcpClient(", "new UdpClient(", "GetHostAddresses", "SmtpClient("];
    private static readonly string[] Asks = ["AddressRule", "GuardedHttpConnector"];

    [Fact]
    public void Clients_for_hosts_named_by_others_check_the_address_rule()
    {
        var strays = Opening().Where(f => !Exempt.ContainsKey(f) && !Asks.Any(a => SourceTree.Read(f).Contains(a, StringComparison.Ordinal)))
            .Select(f => $"{f} opens connections without AddressRule");
        Violations.AssertNone(strays);
    }

    [Fact]
    public void HTTP_clients_for_hosts_named_by_others_follow_no_redirects_and_use_no_proxy()
    {
        var strays = Opening().Where(f => !Exempt.ContainsKey(f) && SourceTree.Read(f) is var text && text.Contains("new SocketsHttpHandler", StringComparison.Ordinal)
                && !(text.Contains("AllowAutoRedirect = false", StringComparison.Ordinal) && text.Contains("UseProxy = false", StringComparison.Ordinal)))
            .Select(f => $"{f} follows redirects or uses a proxy");
        Violations.AssertNone(strays);
    }

    private static IEnumerable<string> Opening() =>
        SourceTree.SourceFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && Opens.Any(o => SourceTree.Read(f).Contains(o, StringComparison.Ordinal)));
}
