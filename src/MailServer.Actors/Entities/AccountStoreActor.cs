using Akka.Actor;
using MailServer.Actors.Inspection;
using MailServer.Domain.Accounts;
using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Entities;

/// <summary>
/// Base of the actors that own one database of an account. It opens the database at start, and stops after five idle minutes, on request, or when it is idle
/// and the node needs its files for other accounts (<see cref="OpenStores"/>). It waits, and stashes requests meanwhile, while another process of a cluster
/// still holds the database's lock, and while too many databases are open.
/// <para>
/// Every request is answered exactly once. After an unexpected failure the actor refuses the accepted requests, asks its parent to stop it, and returns
/// later messages to the parent for its successor (in a cluster it refuses them). It never stops with unread requests, which would stay unanswered.
/// </para>
/// </summary>
internal abstract class AccountStoreActor(AccountId account, EntityHost home, FolderOwnershipCheck guard, OpenStores stores, TimeProvider time) : UntypedActor, IWithTimers, IWithStash
{
    private static readonly TimeSpan IdleBeforeStop = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitForPlace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestTryAgain = TimeSpan.FromSeconds(1);

    private readonly ExponentialBackoff _backOff = new(TryAgain, LongestTryAgain);
    private long _openingSince;
    private bool _failed;
    private bool _refusing;
    private bool _isOwnerKnown;
    private bool _isEnding;
    private OpenStorePlace? _place;

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    protected AccountId Account { get; } = account;

    /// <summary>The owner that the store must belong to; null when the directory does not answer.</summary>
    protected Account? Owner { get; private set; }

    /// <summary>Maximum number of requests that wait for a store locked by another process; more are refused.</summary>
    protected abstract int MaxWaiting { get; }

    /// <summary>True when the actor can stop without losing state.</summary>
    protected abstract bool IsIdle { get; }

    protected override void PreStart()
    {
        _openingSince = time.GetTimestamp();
        home.OnStarted(Account, Self);
        Context.SetReceiveTimeout(IdleBeforeStop);
        var pending = guard.FindAsync(Account);
        if (pending.IsCompletedSuccessfully)
        {
            OpenFor(pending.Result);
            return;
        }

        pending.AsTask().PipeTo(Self, success: static owner => new OwnerLoaded(owner), failure: static _ => new OwnerLoaded(null));
        Become(WhileOpening);
    }

    protected override void PostStop()
    {
        _place?.Dispose();
        base.PostStop();
    }

    /// <exception cref="StoreInUseException">Another process has the store open.</exception>
    protected abstract void OpenStore();

    /// <summary>Logs that the store cannot be opened.</summary>
    protected abstract void OnOpenFailed(Exception failure);

    /// <summary>Completes and answers the accepted requests.</summary>
    protected abstract void Finish();

    /// <summary>True while the actor waits for its children to stop before it stops itself.</summary>
    protected bool IsEnding => _isEnding;

    /// <summary>Stops the children that hold requests; false while one of them is running. The actor stops after the last of them.</summary>
    protected virtual bool EndChildren() => true;

    /// <summary>Handles the end of a watched actor; false if it was not a child that holds requests.</summary>
    protected virtual bool OnChildStopped(IActorRef child) => false;

    /// <summary>Refuses all accepted requests that are not answered yet.</summary>
    protected abstract void RefuseAccepted();

    /// <summary>Logs an unexpected failure.</summary>
    protected abstract void OnFailed(Exception failure);

    /// <summary>Refuses a request temporarily; false when the message is not a request.</summary>
    protected abstract bool TryRefuse(object message);

    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            if (message is Terminated stopped && OnChildStopped(stopped.ActorRef))
            {
                if (_isEnding) End();
                return true;
            }

            if (message is not INotInfluenceReceiveTimeout) _place?.Use();
            if (!_failed) return base.AroundReceive(receive, message);
            WhileFailed(message);
            return true;
        }
        catch (Exception e)
        {
            Fail(e, message);
            return true;
        }
    }

    protected void Passivate() => Context.Parent.Tell(home.PassivationMessage);

    /// <summary>Passes on a request that this actor received too late. A shard that hands its accounts over would drop it, so it goes back to the entry of the region.</summary>
    protected void SendToSuccessor(object message, IActorRef client) => (home.Entry ?? Context.Parent).Tell(message, client);

    /// <summary>Handles lifecycle messages; false for other messages.</summary>
    protected bool OnLifecycle(object message)
    {
        switch (message)
        {
            case ReceiveTimeout or CloseIfIdle:
                if (IsIdle) Passivate();
                return true;
            case IClosesAccount or GiveUp:
                Passivate();
                return true;
            case StopEntity:
                End();
                return true;
            default:
                return false;
        }
    }

    private void OpenFor(Account? owner)
    {
        (Owner, _isOwnerKnown) = (owner, true);
        Open();
    }

    private void Open()
    {
        var self = Self;
        try
        {
            _place ??= stores.Enter(() => self.Tell(CloseIfIdle.Instance));
            OpenStore();
            guard.Opened(Owner);
        }
        catch (IOException e) when (time.GetElapsedTime(_openingSince) < LongestWaitFor(e))
        {
            Timers.StartSingleTimer(nameof(RetryOpen), RetryOpen.Instance, _backOff.Next());
            Become(WhileOpening);
        }
        catch (Exception e)
        {
            // Requests received meanwhile are refused; the next message creates a new actor, which tries again. A receive timeout would wait
            // for a second without requests, which a busy account may never have.
            if (e is TooManyOpenStoresException) stores.ReportRefused();
            else OnOpenFailed(e);
            if (e is FolderOwnerMismatchException foreign) guard.Refused(Owner, foreign);
            Timers.StartSingleTimer(nameof(GiveUp), GiveUp.Instance, GiveUpAfter);
        }
    }

    private TimeSpan LongestWaitFor(IOException failure) => failure switch
    {
        StoreInUseException => home.LockTimeout,
        TooManyOpenStoresException => WaitForPlace,
        _ => TimeSpan.Zero,
    };

    /// <summary>Marks the state in memory as unusable; the next actor opens the store again.</summary>
    private void Fail(Exception failure, object message)
    {
        _failed = true;
        OnFailed(failure);
        RefuseAccepted();
        TryRefuse(message);
        // Stashed messages are handled like later ones.
        Stash.UnstashAll();
        if (message is StopEntity || _isEnding) End();
        else Passivate();
    }

    private void End()
    {
        _isEnding = true;
        if (!EndChildren()) return;
        if (!_failed) Finish();
        Context.Stop(Self);
    }

    private void WhileFailed(object message)
    {
        if (message is StopEntity) End();
        // A shard that hands its accounts over would drop a message that is sent back to it.
        else if (!_refusing && home.Node is null && message is IForAccount and not IClosesAccount) Context.Parent.Forward(message);
        else TryRefuse(message);
    }

    private void WhileOpening(object message)
    {
        switch (message)
        {
            case OwnerLoaded found when !_isOwnerKnown:
                Become(OnReceive);
                OpenFor(found.Owner);
                if (!Timers.IsTimerActive(nameof(RetryOpen))) Stash.UnstashAll();
                break;
            case RetryOpen:
                Become(OnReceive);
                Open();
                if (!Timers.IsTimerActive(nameof(RetryOpen))) Stash.UnstashAll();
                break;
            case ReceiveTimeout or CloseIfIdle:
                break;
            case IInspection:
                Sender.Tell(NothingToInspect.Instance);
                break;
            case IClosesAccount:
                Passivate();
                break;
            case StopEntity:
                // The waiting requests are refused, then this message is handled again.
                _failed = _refusing = true;
                Stash.UnstashAll();
                Self.Tell(StopEntity.Instance);
                break;
            default:
                if (Stash.Count < MaxWaiting || !TryRefuse(message)) Stash.Stash();
                break;
        }
    }

    private sealed record OwnerLoaded(Account? Owner) : INotInfluenceReceiveTimeout;

    /// <summary>The node needs the files of a store that is not in use.</summary>
    private sealed record CloseIfIdle : INotInfluenceReceiveTimeout
    {
        public static CloseIfIdle Instance { get; } = new();
    }

    /// <summary>An actor that could not open its store makes room for another one.</summary>
    private sealed record GiveUp : INotInfluenceReceiveTimeout
    {
        public static GiveUp Instance { get; } = new();
    }

    private sealed record RetryOpen : INotInfluenceReceiveTimeout
    {
        public static RetryOpen Instance { get; } = new();
    }
}
