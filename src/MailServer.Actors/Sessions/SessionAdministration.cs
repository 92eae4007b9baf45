using System.Threading.Channels;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Common;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Sessions;

/// <summary>The sessions of all nodes, for the admin API.</summary>
public sealed class SessionAdministration(ActorSystem system, ActorRegistry actors)
{
    private const string Name = "sessions";
    private const int TailLines = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IActorRef Registry => actors.Get<SessionRegistryActor>();

    public async Task<IReadOnlyList<SessionDescription>> ListAsync(AccountId? account, CancellationToken cancel) =>
        [.. (await ClusterPeers.AskAllAsync<SessionProtocol.Listed>(system, Name, Registry, new SessionProtocol.List(account), cancel))
            .SelectMany(a => a.Answer.Sessions.Select(s => s with { Node = a.Node, MailboxNode = NodeOf(s, a.Node) })).OrderBy(static s => s.Id, StringComparer.Ordinal)];

    public async Task<IReadOnlyDictionary<string, int>> CountAsync(CancellationToken cancel) =>
        (await Registry.Ask<SessionProtocol.Counted>(new SessionProtocol.Count(), Patience, cancel)).Sessions;

    /// <summary>False when there is no such session.</summary>
    public async Task<bool> KickAsync(string id, CancellationToken cancel) =>
        (await FindAsync(new SessionProtocol.Kick(id), cancel)) is not null;

    /// <summary>
    /// The conversation of a session from now on, until it ends or <paramref name="cancel"/> is cancelled; null when there is no such session. A slow
    /// reader loses the oldest lines.
    /// </summary>
    public async Task<ChannelReader<SessionProtocol.TailLine>?> TailAsync(string id, CancellationToken cancel)
    {
        var lines = Channel.CreateBounded<SessionProtocol.TailLine>(new BoundedChannelOptions(TailLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var watcher = system.ActorOf(ActorFactory.Props(() => new TailForwarderActor(lines.Writer)));
        cancel.Register(() => system.Stop(watcher));
        var found = await FindAsync(new SessionProtocol.Tail(id, watcher), cancel);
        watcher.Tell(found ?? new SessionProtocol.SessionFound(ActorRefs.Nobody));
        return found is null ? null : lines.Reader;
    }

    private string? NodeOf(SessionDescription session, string? node)
    {
        if (session.MailboxNode is { } host) return ClusterPeers.NameOf(system, host);
        return session.MailboxInbox is null ? null : node;
    }

    /// <summary>Finds the session on any node.</summary>
    private async Task<SessionProtocol.SessionFound?> FindAsync(object question, CancellationToken cancel) =>
        (await ClusterPeers.AskAllAsync<SessionProtocol.SessionFound>(system, Name, Registry, question, cancel)).Select(static a => a.Answer).FirstOrDefault(static f => !f.Session.IsNobody());
}
