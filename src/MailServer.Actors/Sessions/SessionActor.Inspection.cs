using Akka.Actor;
using MailServer.Domain.Measurements;
using MailServer.Network.Listeners;
using MailServer.Protocol.Observation;

namespace MailServer.Actors.Sessions;

// Status for the admin API. It costs an idle session three counters and a timestamp.
internal abstract partial class SessionActor
{
    private long _inputLength;
    private static readonly KeyValuePair<string, object?> InboundTag = new("direction", "in");
    private static readonly KeyValuePair<string, object?> OutboundTag = new("direction", "out");

    private long _bytesIn;
    private long _bytesOut;
    private long _commandBegan;
    private string? _clientName;
    private SessionTail? _tail;

    /// <summary>Input for <see cref="SessionDescription"/>.</summary>
    protected abstract ConversationState State { get; }

    bool ISessionObserver.IsWatched => _tail is not null;

    private KeyValuePair<string, object?> KindTag => new("listener", Connection.Kind.Name);

    void ISessionObserver.CommandBegan(string name)
    {
        _commandBegan = Services.Time.GetTimestamp();
        _tail?.AtBoundary(Output.Count);
    }

    void ISessionObserver.CommandEnded(string name)
    {
        // The duration of IDLE says nothing about the server's speed.
        if (name == "IDLE") return;
        ServerMetrics.CommandDurations.Record(
            Services.Time.GetElapsedTime(_commandBegan).TotalSeconds,
            new KeyValuePair<string, object?>("protocol", NameOf(Connection.Kind.Protocol)),
            new KeyValuePair<string, object?>("command", name));
    }

    void ISessionObserver.LineReceived(string line) => _tail?.Say(Services.Time.GetUtcNow(), fromClient: true, line);

    void ISessionObserver.ClientIdentified(string name) => _clientName = Services.ClientNames.Intern(name);

    private bool OnInspection(object message)
    {
        switch (message)
        {
            case SessionProtocol.Describe:
                Sender.Tell(Describe());
                return true;
            case SessionProtocol.Tail tail:
                Watch(tail.Watcher);
                return true;
            case Terminated terminated when _tail?.Remove(terminated.ActorRef) == true:
                if (_tail.IsAlone) _tail = null;
                return true;
            default:
                return false;
        }
    }

    private static string NameOf(ListenerProtocol protocol) => protocol switch
    {
        ListenerProtocol.Imap => "imap",
        ListenerProtocol.ManageSieve => "managesieve",
        _ => "smtp",
    };

    private static OutputFormat FormatOf(ListenerProtocol protocol) => protocol switch
    {
        ListenerProtocol.Imap => OutputFormat.Imap,
        ListenerProtocol.ManageSieve => OutputFormat.ManageSieve,
        _ => OutputFormat.Smtp,
    };

    private void Watch(IActorRef watcher)
    {
        _tail ??= new SessionTail(FormatOf(Connection.Kind.Protocol), Services.Time);
        if (!_tail.TryAdd(watcher)) return;
        Context.Watch(watcher);
        // A session that waits for its client has no partial response.
        if (AwaitsClient && !_flushing) _tail.AtBoundary(Output.Count);
    }

    private SessionDescription Describe()
    {
        var now = Services.Time.GetUtcNow();
        var state = State;
        return new SessionDescription
        {
            Id = Connection.Id,
            Listener = Connection.Kind.Name,
            Remote = Connection.Remote,
            Tls = Connection.Tls,
            Account = state.Account,
            Client = _clientName ?? state.Client,
            State = state.Name,
            Folder = state.Folder,
            LastCommand = state.LastCommand,
            StartedAt = now - Services.Time.GetElapsedTime(StartedAt),
            LastCommandAt = _commandBegan == 0 ? null : now - Services.Time.GetElapsedTime(_commandBegan),
            BytesIn = _bytesIn,
            BytesOut = _bytesOut + Output.Count,
            MailboxInbox = state.MailboxInbox,
            MailboxNode = state.MailboxNode,
        };
    }

    private void CountInput()
    {
        var count = _inputLength - _input.Length;
        _bytesIn += count;
        if (count > 0) ServerMetrics.Traffic.Add(count, InboundTag);
    }

    private void DrainOutput()
    {
        _bytesOut += Output.Count;
        if (Output.Count > 0) ServerMetrics.Traffic.Add(Output.Count, OutboundTag);
        _tail?.Write(Output.Written);
        Output.DrainTo(Connection.Output);
    }

    /// <summary>Counts content that is sent without the buffer.</summary>
    private void CountContent(long count)
    {
        _bytesOut += count;
        ServerMetrics.Traffic.Add(count, OutboundTag);
        _tail?.Skip(count);
    }
}
