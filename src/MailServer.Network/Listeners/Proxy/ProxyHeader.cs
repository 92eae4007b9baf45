using System.Net;

namespace MailServer.Network.Listeners.Proxy;

/// <summary>What a proxy says about the connection that it passes on. Both are null when it speaks for itself (a health check), or of a kind of address that we do not know.</summary>
internal sealed record ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>The connection is the proxy's own.</summary>
    public static ProxyHeader Local { get; } = new(null, null);
}

/// <summary>What <see cref="ProxyHeaderReader"/> found.</summary>
internal enum ProxyReading
{
    NeedMore,
    Parsed,
    Malformed,
}
