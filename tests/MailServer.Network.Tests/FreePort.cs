using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailServer.Network.Tests;

/// <summary>
/// Ports for programs that need a known port before they start. They lie below the kernel's ephemeral range,
/// which outgoing connections use too: a free port of that range may be taken before the program binds it. A locked file reserves each port
/// against other test processes until this process ends.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Last = 31_999;

    private static readonly Lock Taking = new();
    private static readonly List<FileStream> Held = [];
    private static int NextPort = Random.Shared.Next(First, Last + 1);

    /// <summary>Returns a port that nothing on loopback listens on, and that is reserved for the caller.</summary>
    public static int Take()
    {
        lock (Taking)
        {
            for (var tries = 0; tries <= Last - First; tries++)
            {
                NextPort = NextPort >= Last ? First : NextPort + 1;
                if (IsHeld(NextPort)) return NextPort;
            }
        }

        throw new InvalidOperationException($"no port between {First} and {Last} is free");
    }

    private static bool IsHeld(int port)
    {
        FileStream? held = null;
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable("SHARED_TMPDIR") ?? Path.GetTempPath(), "mailserver-ports"));
            var file = Path.Combine(folder.FullName, port.ToString(CultureInfo.InvariantCulture));
            held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            stream.Bind(new IPEndPoint(IPAddress.Any, port));
            using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            datagram.Bind(new IPEndPoint(IPAddress.Any, port));
            Held.Add(held);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            held?.Dispose();
            return false;
        }
    }
}
