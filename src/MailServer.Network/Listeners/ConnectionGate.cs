using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;

namespace MailServer.Network.Listeners;

/// <summary>The answer of the <see cref="ConnectionGate"/>.</summary>
public enum Admission
{
    Admitted,

    /// <summary>This address has as many connections as it may have.</summary>
    TooManyFromAddress,

    /// <summary>The node has as many connections as it can bear.</summary>
    TooMany,

    /// <summary>This address is banned.</summary>
    Banned,
}

/// <summary>
/// Counts connections, of one address and in all, over every listener of the node. An IPv6 network of 64 bits counts as one address:
/// whoever has one has the whole of it. Each admitted entrance is followed by one <see cref="Leave"/>.
/// </summary>
/// <param name="limits">The bounds.</param>
/// <param name="boundLoopback">False: loopback may have as many connections as the node (load tests, a proxy on the same machine).</param>
public sealed class ConnectionGate(Limits limits, bool boundLoopback = true)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly int _most = Math.Min(limits.Connections, OpenFiles.ForConnections());
    private int _count;

    /// <summary>Connections inside.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    public Admission TryEnter(IPAddress address)
    {
        var key = ClientNetwork.Of(address);
        lock (_lock)
        {
            if (_count >= _most) return Admission.TooMany;
            var ofAddress = _addresses.GetValueOrDefault(key);
            if (ofAddress >= limits.ConnectionsPerAddress && (boundLoopback || !IPAddress.IsLoopback(key))) return Admission.TooManyFromAddress;
            _addresses[key] = ofAddress + 1;
            _count++;
            return Admission.Admitted;
        }
    }

    public void Leave(IPAddress address)
    {
        var key = ClientNetwork.Of(address);
        lock (_lock)
        {
            _count--;
            if (_addresses[key] == 1) _addresses.Remove(key);
            else _addresses[key]--;
        }
    }
}
