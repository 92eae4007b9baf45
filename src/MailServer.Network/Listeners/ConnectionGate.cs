using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;

namespace MailServer.Network.Listeners;

/// <summary>The result of <see cref="ConnectionGate.TryEnter"/>.</summary>
public enum ConnectionAdmission
{
    Admitted,

    /// <summary>The address has reached its connection limit.</summary>
    TooManyFromAddress,

    /// <summary>The node has reached its connection limit.</summary>
    TooMany,

    /// <summary>The address is banned.</summary>
    Banned,
}

/// <summary>
/// Counts connections per address and in total, over all listeners of the node. An IPv6 /64 counts as one address, because one client can use all of it.
/// Each admitted connection must be followed by one <see cref="Leave"/>.
/// </summary>
/// <param name="limits">The bounds.</param>
/// <param name="boundLoopback">False to exempt loopback from the limit per address (load tests, or a proxy on the same machine).</param>
public sealed class ConnectionGate(Limits limits, bool boundLoopback = true)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private int _count;

    /// <summary>The number of open connections.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    public ConnectionAdmission TryEnter(IPAddress address)
    {
        var key = ClientNetwork.Of(address);
        lock (_lock)
        {
            if (_count >= limits.Connections) return ConnectionAdmission.TooMany;
            var ofAddress = _addresses.GetValueOrDefault(key);
            if (ofAddress >= limits.ConnectionsPerAddress && (boundLoopback || !IPAddress.IsLoopback(key))) return ConnectionAdmission.TooManyFromAddress;
            _addresses[key] = ofAddress + 1;
            _count++;
            return ConnectionAdmission.Admitted;
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
