using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using MailServer.Network.Listeners;
using MailServer.Network.Outbound;

namespace MailServer.Network.Diagnostics;

/// <summary>The result of binding a port.</summary>
public enum PortState
{
    Free,
    Taken,
    Forbidden,
    NoSuchAddress,
}

/// <summary>Tests the network before the server depends on it.</summary>
public static class NetworkProbe
{
    private const int MaxGreeting = 512;

    /// <summary>Binds the port and releases it. A port whose socket this process has inherited is free for it.</summary>
    public static PortState TryListen(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (InheritedSockets.OfProcess.Contains(new IPEndPoint(address, port))) return PortState.Free;
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return PortState.Free;
        }
        catch (SocketException e)
        {
            return StateOf(e);
        }
    }

    /// <summary>What a failure to listen says about the port.</summary>
    public static PortState StateOf(SocketException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.SocketErrorCode switch
        {
            SocketError.AccessDenied => PortState.Forbidden,
            SocketError.AddressNotAvailable => PortState.NoSuchAddress,
            _ => PortState.Taken,
        };
    }

    /// <summary>The first line that a host sends on a port; null and the reason when there is none.</summary>
    public static async Task<(string? Greeting, string Failure)> GreetingAsync(IPAddress address, int port, TimeSpan patience, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(patience);
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(address, port), late.Token);
            var buffer = new byte[MaxGreeting];
            var read = await socket.ReceiveAsync(buffer, late.Token);
            return (Encoding.Latin1.GetString(buffer, 0, read).Split('\r')[0], "");
        }
        catch (SocketException e)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, "no answer in time");
        }
    }

    /// <summary>Connects and closes the connection. Returns null if that works, otherwise the reason.</summary>
    public static async Task<string?> FindFaultAsync(IPAddress address, int port, TimeSpan patience, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(patience);
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(address, port), late.Token);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    /// <summary>True for an address that other hosts of the Internet can reach. Documentation addresses are included, for test networks.</summary>
    public static bool IsPublic(IPAddress address) => SpecialAddresses.KindOf(address) is AddressKind.Public or AddressKind.Documentation;

    /// <summary>Public addresses of this machine's interfaces; empty behind NAT. Documentation addresses are included, for test networks.</summary>
    public static IReadOnlyList<IPAddress> PublicAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(static i => i.GetIPProperties().UnicastAddresses)
            .Select(static a => a.Address)
            .Where(IsPublic)];
}
