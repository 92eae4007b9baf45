using System.Net;

namespace MailServer.Network.Listeners.Proxy;

/// <summary>The addresses in a proxy's header. Both are null when the connection is the proxy's own (a health check) or has an unknown address family.</summary>
internal sealed record ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>A connection of the proxy itself.</summary>
    public static ProxyHeader Local { get; } = new(null, null);
}

/// <summary>The result of <see cref="ProxyHeaderReader"/>.</summary>
internal enum ProxyHeaderStatus
{
    NeedMore,
    Parsed,
    Malformed,
}
