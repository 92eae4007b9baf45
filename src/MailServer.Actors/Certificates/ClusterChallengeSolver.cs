using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Network.Acme;

namespace MailServer.Actors.Certificates;

/// <summary>
/// Presents ACME challenges on every node of a cluster: the authority connects to any node that the name's addresses lead to. All nodes can answer before
/// the authority starts to validate.
/// </summary>
/// <param name="here">Presents challenges on this node.</param>
public sealed class ClusterChallengeSolver(IChallengeSolver here) : IChallengeSolver
{
    private (ActorSystem System, IActorRef Door)? _nodes;

    public string Type => here.Type;

    public async Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel)
    {
        await here.PresentAsync(answer, cancel);
        // If a node does not answer, the authority may not reach it either; the order is then retried later.
        if (_nodes is var (system, door)) await ClusterPeers.AskAllAsync<CertificateProtocol.ChallengePresented>(system, CertificateProxyActor.Name, door, new CertificateProtocol.PresentChallenge(answer), cancel);
    }

    public async Task WithdrawAsync(ChallengeAnswer answer)
    {
        await here.WithdrawAsync(answer);
        if (_nodes is not var (system, door)) return;
        foreach (var (_, node) in ClusterPeers.Of(system, CertificateProxyActor.Name, door)) node.Tell(new CertificateProtocol.WithdrawChallenge(answer), ActorRefs.NoSender);
    }

    internal void Connect(ActorSystem system, IActorRef door) => _nodes = (system, door);

    /// <summary>Presents the answer on this node only.</summary>
    internal Task PresentLocallyAsync(ChallengeAnswer answer) => here.PresentAsync(answer, CancellationToken.None);

    /// <summary>Withdraws the answer on this node only.</summary>
    internal Task WithdrawLocallyAsync(ChallengeAnswer answer) => here.WithdrawAsync(answer);
}
