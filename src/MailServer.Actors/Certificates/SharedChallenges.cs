using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Network.Acme;

namespace MailServer.Actors.Certificates;

/// <summary>
/// Proves names on every node of a cluster: an authority asks whichever node the name's addresses lead to. One node orders; all can answer before the
/// authority is told to look.
/// </summary>
/// <param name="here">Proves on this node.</param>
public sealed class SharedChallenges(IChallengeSolver here) : IChallengeSolver
{
    private (ActorSystem System, IActorRef Door)? _nodes;

    public string Type => here.Type;

    public async Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel)
    {
        await here.PresentAsync(answer, cancel);
        // A node that does not hear is one that the authority, too, may not find: then the order is tried again later.
        if (_nodes is var (system, door)) await ClusterPeers.AskAllAsync<CertificateProtocol.Presented>(system, CertificateDoorActor.Name, door, new CertificateProtocol.Present(answer), cancel);
    }

    public async Task WithdrawAsync(ChallengeAnswer answer)
    {
        await here.WithdrawAsync(answer);
        if (_nodes is not var (system, door)) return;
        foreach (var (_, node) in ClusterPeers.Of(system, CertificateDoorActor.Name, door)) node.Tell(new CertificateProtocol.Withdraw(answer), ActorRefs.NoSender);
    }

    internal void Connect(ActorSystem system, IActorRef door) => _nodes = (system, door);

    /// <summary>On this node alone.</summary>
    internal Task ShowAsync(ChallengeAnswer answer) => here.PresentAsync(answer, CancellationToken.None);

    /// <summary>On this node alone.</summary>
    internal Task HideAsync(ChallengeAnswer answer) => here.WithdrawAsync(answer);
}
