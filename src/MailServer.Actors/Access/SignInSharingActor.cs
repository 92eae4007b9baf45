using Akka.Actor;
using Akka.Cluster;
using MailServer.Actors.Common;

namespace MailServer.Actors.Access;

/// <summary>
/// Passes the results of sign-ins on this node to the other nodes of the cluster, so that an attacker gets no more attempts by using all of them. A result
/// that is lost counts on its own node alone.
/// </summary>
internal sealed class SignInSharingActor(LoginGuard guard) : UntypedActor
{
    public const string Name = "sign-ins";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public static Props Props(LoginGuard guard) => ActorFactory.Props(() => new SignInSharingActor(guard));

    protected override void PreStart()
    {
        var (self, cluster) = (Self, _cluster);
        guard.ShareWith(concluded => self.Tell(concluded, self), () => Math.Max(1, cluster.State.Members.Count(static m => m.Status == MemberStatus.Up)));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SignInConcluded concluded when Sender.Equals(Self):
                foreach (var member in _cluster.State.Members.Where(m => m.Address != _cluster.SelfAddress))
                    Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name).Tell(concluded, Self);
                break;
            case SignInConcluded concluded:
                guard.NoteElsewhere(concluded);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
