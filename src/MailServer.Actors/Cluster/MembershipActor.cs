using Akka;
using Akka.Actor;
using Akka.Cluster;
using MailServer.Actors.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Postgres;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Makes this node a member of the cluster by joining or founding it, and as a member renews the current-cluster record in the database. Shuts the node
/// down when another cluster is the current one, so two clusters never coexist for long.
/// </summary>
internal sealed partial class MembershipActor : UntypedActor, IWithTimers
{
    public const string Name = "membership";


    private const string Subject = "cluster membership";
    private static readonly TimeSpan CheckMembershipMessage = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DatabaseAnswers = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LetIn = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    /// <summary>Longer than the record of a dead member is valid: only a living cluster refuses for this long.</summary>
    private static readonly TimeSpan Refused = ClusterServices.RecordLifetime * 1.7;

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly ICurrentClusterRegistry _note;
    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly JoinPlan _plan;
    private readonly string _self;
    private readonly long _begun;
    private bool _looking;
    private bool _wasUp;
    private long? _joiningSince;
    private long? _refusedSince;

    public MembershipActor(ICurrentClusterRegistry note, IReadOnlyList<(string Host, int Port)> seeds, NodeProblems problems, TimeProvider time, ILogger log)
    {
        (_note, _problems, _time, _log) = (note, problems, time, log);
        var own = _cluster.SelfAddress;
        _plan = new JoinPlan(own, [.. seeds.Select(s => new Address(own.Protocol, own.System, NodeTransport.HostOf(s.Host), s.Port))], time);
        _self = NameOf(_cluster.SelfUniqueAddress);
        _begun = time.GetTimestamp();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ICurrentClusterRegistry note, IReadOnlyList<(string Host, int Port)> seeds, NodeProblems problems, TimeProvider time, ILogger log) =>
        ActorFactory.Props(() => new MembershipActor(note, seeds, problems, time, log));

    protected override void PreStart()
    {
        var (cluster, note, self) = (_cluster, _note, _self);
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "membership", async () =>
        {
            if (cluster.State.Members.All(m => m.UniqueAddress.Equals(cluster.SelfUniqueAddress))) await LetGoAsync(note, self);
            return Done.Instance;
        });
        Timers.StartPeriodicTimer(nameof(CheckMembership), CheckMembership.Instance, TimeSpan.Zero, CheckMembershipMessage);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CheckMembership when !_looking:
                OnLook();
                break;
            case CheckMembership:
                break;
            case CurrentClusterRead found:
                _looking = false;
                OnFound(found);
                break;
            case RecordClaimed held:
                _looking = false;
                OnHeld(held.Granted);
                break;
            case DatabaseUnavailable unanswered:
                _looking = false;
                LogUnanswered(unanswered.Reason);
                if (SelfStatus is null) OnFound(new CurrentClusterRead(false, null));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Null before this node is a member.</summary>
    private MemberStatus? SelfStatus => _cluster.State.Members.FirstOrDefault(m => m.UniqueAddress.Equals(_cluster.SelfUniqueAddress))?.Status;

    private static string NameOf(UniqueAddress member) => $"{member.Address}#{member.Uid}";

    private static Address? AddressOf(string name) => Address.TryParse(name.Split('#')[0], out var address) ? address : null;

    private static async Task LetGoAsync(ICurrentClusterRegistry note, string self)
    {
        try
        {
            using var patience = new CancellationTokenSource(DatabaseAnswers);
            await note.ReleaseAsync(self, patience.Token);
        }
        catch (Exception e) when (e is DirectoryException or OperationCanceledException)
        {
            // The record expires within seconds.
        }
    }

    private void OnLook()
    {
        foreach (var member in _cluster.State.Members) _known.Add(NameOf(member.UniqueAddress));
        switch (SelfStatus)
        {
            case MemberStatus.Up:
                if (!_wasUp) _problems.Clear(Subject);
                _wasUp = true;
                Hold();
                break;
            case MemberStatus.Joining or MemberStatus.WeaklyUp:
                _joiningSince ??= _time.GetTimestamp();
                if (_time.GetElapsedTime(_joiningSince.Value) > LetIn) End("the cluster that this node joined does not let it in");
                break;
            case null when !_wasUp:
                if (_time.GetElapsedTime(_begun) > Slow) ReportSlow();
                Ask(async cancel => new CurrentClusterRead(true, await _note.FindAsync(cancel)));
                break;
        }
    }

    private void OnFound(CurrentClusterRead found)
    {
        if (SelfStatus is not null) return;
        switch (_plan.Next(found.Answered, found.Member is { } member ? AddressOf(member) : null))
        {
            case JoinStep.Join join:
                LogJoining(join.Nodes);
                _cluster.JoinSeedNodes(join.Nodes);
                break;
            case JoinStep.FoundCluster:
                Hold();
                break;
        }
    }

    private void Hold()
    {
        string[] known = _wasUp ? [.. _known] : [];
        Ask(async cancel => new RecordClaimed(await _note.HoldAsync(_self, known, cancel)));
    }

    private void OnHeld(bool granted)
    {
        if (SelfStatus is null && !_wasUp)
        {
            if (!granted) return;
            LogFounds();
            Context.System.EventStream.Publish(new LocalClusterEvent(ClusterEventKind.Lease, null, "founded the cluster because there was none"));
            _cluster.Join(_cluster.SelfAddress);
        }
        else if (granted)
        {
            _refusedSince = null;
        }
        else
        {
            _refusedSince ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(_refusedSince.Value) > Refused) End("another cluster is the current one");
        }
    }

    /// <summary>Runs a database request; its result or failure is sent to this actor.</summary>
    private void Ask(Func<CancellationToken, Task<object>> ask)
    {
        _looking = true;
        AskAsync(ask).PipeTo(Self);

        static async Task<object> AskAsync(Func<CancellationToken, Task<object>> ask)
        {
            using var patience = new CancellationTokenSource(DatabaseAnswers);
            try
            {
                return await ask(patience.Token);
            }
            catch (Exception e) when (e is DirectoryException or OperationCanceledException)
            {
                return new DatabaseUnavailable(e.Message);
            }
        }
    }

    private void ReportSlow() => _problems.Report(new NodeProblem(
        Subject, "this node is not a member of the cluster yet, so it cannot open any account",
        "check that the database answers and that cluster.port of the other nodes can be reached; the log has the reasons", StopsService: true));

    private void End(string why)
    {
        LogEnds(why);
        Timers.Cancel(nameof(CheckMembership));
        CoordinatedShutdown.Get(Context.System).Run(new NotAMemberReason());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Joining the cluster through {Nodes}")]
    private partial void LogJoining(IReadOnlyList<Address> nodes);

    [LoggerMessage(Level = LogLevel.Information, Message = "No cluster exists: this node founds one")]
    private partial void LogFounds();

    [LoggerMessage(Level = LogLevel.Debug, Message = "The current-cluster record could not be read: {Reason}")]
    private partial void LogUnanswered(string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "This node shuts down to be restarted: {Why}")]
    private partial void LogEnds(string why);

    /// <summary>The node is not a member of the current cluster, or cannot become one, and must be restarted.</summary>
    internal sealed class NotAMemberReason : CoordinatedShutdown.Reason
    {
        public override int ExitCode => 75;
    }

    private sealed record CheckMembership
    {
        public static CheckMembership Instance { get; } = new();
    }

    private sealed record CurrentClusterRead(bool Answered, string? Member) : INoSerializationVerificationNeeded;

    private sealed record RecordClaimed(bool Granted) : INoSerializationVerificationNeeded;

    private sealed record DatabaseUnavailable(string Reason) : INoSerializationVerificationNeeded;
}
