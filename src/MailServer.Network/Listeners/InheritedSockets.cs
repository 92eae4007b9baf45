using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailServer.Network.Listeners;

/// <summary>
/// Sockets passed by systemd (sd_listen_fds(3)): the ports stay open while the server restarts, so clients wait instead of being refused, and the server
/// needs no privilege for low ports. Each socket is used once, by the listener for its port.
/// </summary>
internal sealed class InheritedSockets
{
    private const int First = 3; // SD_LISTEN_FDS_START
    private const int Most = 256;
    private readonly List<Socket> _sockets = [];
    private readonly Lock _lock = new();

    /// <summary>The sockets of this process. There is one owner, because each descriptor may be closed only once.</summary>
    public static InheritedSockets OfProcess { get; } = FromEnvironment();

    private static InheritedSockets FromEnvironment()
    {
        var inherited = new InheritedSockets();
        if (Number("LISTEN_PID") != Environment.ProcessId || Number("LISTEN_FDS") is not { } count || count is <= 0 or > Most) return inherited;
        for (var handle = First; handle < First + count; handle++) inherited.Add(handle);
        return inherited;
    }

    /// <summary>A socket bound to this end point, or to all addresses at its port; null when there is none.</summary>
    public Socket? Take(IPEndPoint wanted)
    {
        lock (_lock)
        {
            var index = IndexOf(wanted);
            if (index < 0) return null;
            var socket = _sockets[index];
            _sockets.RemoveAt(index);
            return socket;
        }
    }

    /// <summary>True if <see cref="Take"/> would return a socket.</summary>
    public bool Contains(IPEndPoint wanted)
    {
        lock (_lock) return IndexOf(wanted) >= 0;
    }

    private int IndexOf(IPEndPoint wanted) =>
        _sockets.FindIndex(s => s.LocalEndPoint is IPEndPoint bound && bound.Port == wanted.Port && Covers(bound.Address, wanted.Address));

    private static bool Covers(IPAddress bound, IPAddress wanted) =>
        bound.Equals(wanted) || bound.Equals(IPAddress.IPv6Any) || (bound.Equals(IPAddress.Any) && wanted.AddressFamily == AddressFamily.InterNetwork);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private void Add(int handle)
    {
        try
        {
            _sockets.Add(new Socket(new SafeSocketHandle(handle, ownsHandle: true)));
        }
        catch (SocketException)
        {
            // Not a socket, so it is left open.
        }
    }
}
