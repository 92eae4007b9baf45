using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Network.Certificates;
using MailServer.Network.Listeners.Proxy;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>The address, port and protocol of a listener.</summary>
public sealed record MailListenerOptions(ListenerKind Kind, IPAddress Address, int Port);

/// <summary>Dependencies shared by the mail listeners of a node.</summary>
public sealed record MailListenerServices
{
    public required IConnectionHandler Handler { get; init; }

    public required ConnectionGate Gate { get; init; }

    public ProxyProtocolOptions Proxy { get; init; } = new([], TimeSpan.FromSeconds(5));

    public IBanList Bans { get; init; } = EmptyBanList.Instance;

    public required CertificateSelector Certificates { get; init; }

    /// <summary>Lets clients bind their sign-in to the TLS connection.</summary>
    public bool BindsSignIns { get; init; } = true;

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required ConnectionIds Ids { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
