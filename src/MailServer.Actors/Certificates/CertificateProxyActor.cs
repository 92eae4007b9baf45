using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Certificates;

/// <summary>
/// The certificates of one node in a cluster. A singleton orders them and stores them in the shared folder; every node uses them. This actor loads the
/// stored certificates, presents challenges for the ordering node, and forwards requests to it.
/// </summary>
/// <param name="services">Stores and publishes certificates.</param>
/// <param name="owner">The certificate singleton.</param>
internal sealed partial class CertificateProxyActor(CertificateServices services, IActorRef owner) : UntypedActor, IWithTimers
{
    public const string Name = "certificates";

    private static readonly TimeSpan ReloadTickMessage = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromHours(1);

    // A node that joins while certificates are issued is not told about them.
    private static readonly TimeSpan FirstLookForMissing = TimeSpan.FromSeconds(2);

    // A network file system may return the old file for a while.
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = services.Loggers.CreateLogger<CertificateProxyActor>();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ExponentialBackoff _looks = new(ReloadTickMessage, LongestLook);
    private readonly ExponentialBackoff _looksForMissing = new(FirstLookForMissing, ReloadTickMessage);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CertificateServices services, IActorRef owner) => ActorFactory.Props(() => new CertificateProxyActor(services, owner));

    protected override void PreStart()
    {
        Self.Tell(ReloadTick.Instance);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CertificateProtocol.CertificateIssued:
                Self.Tell(ReloadTick.Instance);
                Timers.StartSingleTimer(nameof(CertificateProtocol.CertificateIssued), ReloadTick.Instance, Again);
                break;
            case ReloadTick:
                services.Names(_stopped.Token).PipeTo(Self, success: static names => new NamesLoaded(names), failure: static e => new NamesLoaded(null, e.Message));
                break;
            case NamesLoaded { Wanted: { } names }:
                Publish(names);
                break;
            case NamesLoaded unknown:
                Timers.StartSingleTimer(nameof(ReloadTick), ReloadTick.Instance, _looks.Next());
                LogNoNames(unknown.Failure);
                break;
            case CertificateProtocol.PresentChallenge present when services.Challenges is { } challenges:
                challenges.PresentLocallyAsync(present.Answer).PipeTo(Sender, Self, success: static () => CertificateProtocol.ChallengePresented.Instance);
                break;
            case CertificateProtocol.WithdrawChallenge withdraw when services.Challenges is { } challenges:
                challenges.WithdrawLocallyAsync(withdraw.Answer);
                break;
            case CertificateProtocol.ListCertificates or CertificateProtocol.Renew:
                owner.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Publish(IReadOnlyList<string> names)
    {
        _looks.Reset();
        var stored = names.Select(services.LoadStored).ToArray();
        CertificatePublisher.Publish(services, stored);
        var isMissing = Array.Exists(stored, static certificate => certificate is null);
        if (!isMissing) _looksForMissing.Reset();
        Timers.StartSingleTimer(nameof(ReloadTick), ReloadTick.Instance, isMissing ? _looksForMissing.Next() : ReloadTickMessage);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The names that need certificates could not be read: {Reason}")]
    private partial void LogNoNames(string reason);

    private sealed class ReloadTick
    {
        public static ReloadTick Instance { get; } = new();
    }

    private sealed record NamesLoaded(IReadOnlyList<string>? Wanted, string Failure = "") : INoSerializationVerificationNeeded;
}
