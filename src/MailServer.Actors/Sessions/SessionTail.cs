using Akka.Actor;
using MailServer.Protocol.Observation;

namespace MailServer.Actors.Sessions;

/// <summary>The watchers of a session and the output they may see. Exists only while the session is watched.</summary>
internal sealed class SessionTail
{
    private const int MostWatchers = 4;
    private readonly List<IActorRef> _watchers = [];
    private readonly OutputRedactor _mask;
    private readonly TimeProvider _time;
    private bool _sees;
    private int _unseen;

    public SessionTail(OutputFormat format, TimeProvider time)
    {
        _time = time;
        _mask = new OutputRedactor(format, line => Say(_time.GetUtcNow(), fromClient: false, line));
    }

    public bool IsAlone => _watchers.Count == 0;

    public bool TryAdd(IActorRef watcher)
    {
        if (_watchers.Count >= MostWatchers || _watchers.Contains(watcher)) return false;
        _watchers.Add(watcher);
        return true;
    }

    public bool Remove(IActorRef watcher) => _watchers.Remove(watcher);

    /// <summary>Marks the start of a response after the buffered octets: from there on the mask can interpret the output.</summary>
    public void AtBoundary(int buffered)
    {
        if (_sees) return;
        _sees = true;
        _unseen = buffered;
    }

    public void Say(DateTimeOffset at, bool fromClient, string text)
    {
        var line = new SessionProtocol.TailLine(at, fromClient, text);
        foreach (var watcher in _watchers) watcher.Tell(line);
    }

    public void Write(ReadOnlySpan<byte> output)
    {
        if (!_sees) return;
        var unseen = Math.Min(_unseen, output.Length);
        _unseen -= unseen;
        _mask.Write(output[unseen..]);
    }

    public void Skip(long count)
    {
        if (_sees) _mask.Skip(count);
    }
}
