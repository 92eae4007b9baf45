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
internal sealed partial class CertificateDoorActor(CertificateServices services, IActorRef owner) : UntypedActor, IWithTimers
{
    public const string Name = "certificates";

    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longestLook = TimeSpan.FromHours(1);

    // A network file system may return the old file for a while.
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = services.Loggers.CreateLogger<CertificateDoorActor>();
    private readonly CancellationTokenSource _stopped = new();
    private readonly BackOff _looks = new(s_look, s_longestLook);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CertificateServices services, IActorRef owner) => ActorFactory.Props(() => new CertificateDoorActor(services, owner));

    protected override void PreStart()
    {
        Self.Tell(Look.Instance);
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
            case CertificateProtocol.Issued:
                Self.Tell(Look.Instance);
                Timers.StartSingleTimer(nameof(CertificateProtocol.Issued), Look.Instance, s_again);
                break;
            case Look:
                services.Names(_stopped.Token).PipeTo(Self, success: static names => new Names(names), failure: static e => new Names(null, e.Message));
                break;
            case Names { Wanted: { } names }:
                _looks.Reset();
                Timers.StartSingleTimer(nameof(Look), Look.Instance, s_look);
                ShownCertificates.Use(services, [.. names.Select(services.Kept)]);
                break;
            case Names unknown:
                Timers.StartSingleTimer(nameof(Look), Look.Instance, _looks.Next());
                LogNoNames(unknown.Failure);
                break;
            case CertificateProtocol.Present present when services.Challenges is { } challenges:
                challenges.ShowAsync(present.Answer).PipeTo(Sender, Self, success: static () => CertificateProtocol.Presented.Instance);
                break;
            case CertificateProtocol.Withdraw withdraw when services.Challenges is { } challenges:
                challenges.HideAsync(withdraw.Answer);
                break;
            case CertificateProtocol.Show or CertificateProtocol.Renew:
                owner.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The names that need certificates could not be read: {Reason}")]
    private partial void LogNoNames(string reason);

    private sealed class Look
    {
        public static Look Instance { get; } = new();
    }

    private sealed record Names(IReadOnlyList<string>? Wanted, string Failure = "") : INoSerializationVerificationNeeded;
}
