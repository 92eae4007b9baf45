using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Tests.Observation;

/// <summary>Records all events of a session.</summary>
internal sealed class RecordingObserver : ISessionObserver
{
    public bool IsWatched { get; set; } = true;

    public List<string> Heard { get; } = [];

    public List<string> Commands { get; } = [];

    public string? Client { get; private set; }

    public void CommandBegan(string name) => Commands.Add("+" + name);

    public void CommandEnded(string name) => Commands.Add("-" + name);

    void ISessionObserver.LineReceived(string line) => Heard.Add(line);

    public void ClientIdentified(string name) => Client = name;
}
