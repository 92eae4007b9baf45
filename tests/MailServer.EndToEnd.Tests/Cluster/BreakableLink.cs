using System.Net;
using System.Net.Sockets;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// The network between two nodes: whoever connects to an address in front of a node is carried to the node. Each direction can be cut; what is sent into
/// a cut is lost without a sign, as by a switch that died, and connections that were alive then never recover.
/// </summary>
public sealed class BreakableLink : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _node;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private volatile bool _toNode = true;
    private volatile bool _fromNode = true;

    public BreakableLink(string front, string node, int port)
    {
        _node = new IPEndPoint(IPAddress.Parse(node), port);
        _listener = new TcpListener(IPAddress.Parse(front), port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What goes through from now on, in each direction.</summary>
    public void Let(bool toNode, bool fromNode) => (_toNode, _fromNode) = (toNode, fromNode);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var from = client;
        using var to = new TcpClient { NoDelay = true };
        from.NoDelay = true;
        try
        {
            await to.ConnectAsync(_node, _end.Token);
            var (a, b) = (from.GetStream(), to.GetStream());
            await Task.WhenAny(PumpAsync(a, b, () => _toNode), PumpAsync(b, a, () => _fromNode));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other.
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<bool> passes)
    {
        var block = new byte[64 * 1024];
        var broken = false;
        while (await from.ReadAsync(block, _end.Token) is > 0 and var count)
        {
            // TCP cannot leave out a part: a stream that lost one is dead.
            broken |= !passes();
            if (!broken) await to.WriteAsync(block.AsMemory(0, count), _end.Token);
        }

        // The end of a stream does not cross a cut either.
        if (broken || !passes()) await Task.Delay(Timeout.Infinite, _end.Token);
    }
}
