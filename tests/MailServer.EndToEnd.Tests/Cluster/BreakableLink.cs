using System.Net;
using System.Net.Sockets;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// The network between two nodes: a proxy in front of each node. Each direction can be cut; data sent into a cut
/// is lost silently, as with a failed switch, and connections that were open then never recover.
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

    /// <summary>Which directions pass data from now on.</summary>
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
            // The test has ended.
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
            // One side has closed; close the other.
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<bool> passes)
    {
        var block = new byte[64 * 1024];
        var broken = false;
        while (await from.ReadAsync(block, _end.Token) is > 0 and var count)
        {
            // TCP cannot skip data: a stream that lost some is dead.
            broken |= !passes();
            if (!broken) await to.WriteAsync(block.AsMemory(0, count), _end.Token);
        }

        // The end of a stream is not passed on through a cut either.
        if (broken || !passes()) await Task.Delay(Timeout.Infinite, _end.Token);
    }
}
