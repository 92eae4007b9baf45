using System.Threading.Channels;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Sessions;

/// <summary>The sessions of this node as the administration sees them.</summary>
public sealed class SessionAdministration(ActorSystem system, ActorRegistry actors)
{
    private const int TailLines = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IActorRef Registry => actors.Get<SessionRegistryActor>();

    public async Task<IReadOnlyList<SessionDescription>> ListAsync(AccountId? account, CancellationToken cancel) =>
        (await Registry.Ask<SessionProtocol.Listed>(new SessionProtocol.List(account), Patience, cancel)).Sessions;

    public async Task<IReadOnlyDictionary<string, int>> CountAsync(CancellationToken cancel) =>
        (await Registry.Ask<SessionProtocol.Counted>(new SessionProtocol.Count(), Patience, cancel)).Sessions;

    /// <summary>False: there is no such session.</summary>
    public async Task<bool> KickAsync(string id, CancellationToken cancel) =>
        !(await Registry.Ask<SessionProtocol.Found>(new SessionProtocol.Kick(id), Patience, cancel)).Session.IsNobody();

    /// <summary>
    /// What is said in a session from now on, until it ends or <paramref name="cancel"/> is cancelled; null when there is no such session.
    /// A reader that is slow misses the oldest lines.
    /// </summary>
    public async Task<ChannelReader<SessionProtocol.Line>?> TailAsync(string id, CancellationToken cancel)
    {
        var lines = Channel.CreateBounded<SessionProtocol.Line>(new BoundedChannelOptions(TailLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var watcher = system.ActorOf(ActorFactory.Props(() => new TailActor(lines.Writer)));
        cancel.Register(() => system.Stop(watcher));
        var found = await Registry.Ask<SessionProtocol.Found>(new SessionProtocol.Tail(id, watcher), Patience, cancel);
        watcher.Tell(found);
        return found.Session.IsNobody() ? null : lines.Reader;
    }
}
