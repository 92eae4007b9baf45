using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Entities;

/// <summary>
/// The one owner of something of an account that lies in a database of its own. Opens it when it begins, ends when it was idle for minutes or
/// is told to. In a cluster another process may still have the database, which is locked by whoever has it open: so long it is waited for, and
/// what is asked meanwhile waits too.
/// <para>
/// Every request is answered once, whatever happens. After a failure that nobody foresaw the actor refuses what it has accepted, asks to be stopped and
/// gives what still comes back to its parent, for the next actor: it never stops with requests unread, since nobody would answer those.
/// </para>
/// </summary>
internal abstract class AccountStoreActor(AccountId account, EntityHome home, FolderGuard guard, TimeProvider time) : UntypedActor, IWithTimers, IWithStash
{
    private static readonly TimeSpan IdleBeforeStop = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestTryAgain = TimeSpan.FromSeconds(1);

    private readonly BackOff _backOff = new(TryAgain, LongestTryAgain);
    private long _openingSince;
    private bool _failed;
    private bool _refusing;
    private bool _isOwnerKnown;

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    protected AccountId Account { get; } = account;

    /// <summary>Who the store must belong to; null when the directory does not tell.</summary>
    protected Account? Owner { get; private set; }

    /// <summary>How many requests wait for a store that is open elsewhere; more are refused.</summary>
    protected abstract int MaxWaiting { get; }

    /// <summary>Nobody would notice if it ended.</summary>
    protected abstract bool IsIdle { get; }

    protected override void PreStart()
    {
        _openingSince = time.GetTimestamp();
        home.Opened(Account, Self);
        Context.SetReceiveTimeout(IdleBeforeStop);
        var pending = guard.FindAsync(Account);
        if (pending.IsCompletedSuccessfully)
        {
            OpenFor(pending.Result);
            return;
        }

        pending.AsTask().PipeTo(Self, success: static owner => new OwnerFound(owner), failure: static _ => new OwnerFound(null));
        Become(WhileOpening);
    }

    /// <exception cref="StoreInUseException">Another process has it.</exception>
    protected abstract void OpenStore();

    /// <summary>The store cannot be opened: says so in the log.</summary>
    protected abstract void OnNotOpened(Exception failure);

    /// <summary>Finishes and answers what was accepted.</summary>
    protected abstract void Finish();

    /// <summary>Refuses everything that was accepted and is not answered yet.</summary>
    protected abstract void RefuseAccepted();

    /// <summary>An unforeseen failure, for the log.</summary>
    protected abstract void OnFailed(Exception failure);

    /// <summary>Refuses a request for now; false when the message is no request.</summary>
    protected abstract bool TryRefuse(object message);

    protected override bool AroundReceive(Receive receive, object message)
    {
        if (_failed)
        {
            WhileFailed(message);
            return true;
        }

        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            Fail(e, message);
            return true;
        }
    }

    protected void Passivate() => Context.Parent.Tell(home.Passivation);

    /// <summary>Messages about its own life; false when the message is another.</summary>
    protected bool OnLife(object message)
    {
        switch (message)
        {
            case ReceiveTimeout:
                if (IsIdle) Passivate();
                return true;
            case IClosesAccount:
                Passivate();
                return true;
            case StopEntity:
                Finish();
                Context.Stop(Self);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A failure of the disk or a database: the request is refused for now, and the actor goes on.</summary>
    protected static bool IsOfTheDisk(Exception e) =>
        e is IOException or UnauthorizedAccessException or System.Data.Common.DbException or InvalidDataException or DirectoryException;

    private void OpenFor(Account? owner)
    {
        (Owner, _isOwnerKnown) = (owner, true);
        Open();
    }

    private void Open()
    {
        try
        {
            OpenStore();
            guard.Opened(Owner);
        }
        catch (StoreInUseException) when (time.GetElapsedTime(_openingSince) < home.Patience)
        {
            Timers.StartSingleTimer(nameof(OpenAgain), OpenAgain.Instance, _backOff.Next());
            Become(WhileOpening);
        }
        catch (Exception e)
        {
            // Asked again at the next message, by a new actor: what was asked meanwhile is refused for now.
            OnNotOpened(e);
            if (e is ForeignFolderException foreign) guard.Refused(Owner, foreign);
            Context.SetReceiveTimeout(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>What it holds in memory can no longer be trusted; the next actor opens the store again.</summary>
    private void Fail(Exception failure, object message)
    {
        _failed = true;
        OnFailed(failure);
        RefuseAccepted();
        TryRefuse(message);
        // What waits for the store goes the same way as what still comes.
        Stash.UnstashAll();
        if (message is StopEntity) Context.Stop(Self);
        else Passivate();
    }

    private void WhileFailed(object message)
    {
        if (message is StopEntity) Context.Stop(Self);
        else if (_refusing) TryRefuse(message);
        else if (message is IForAccount and not IClosesAccount) Context.Parent.Forward(message);
    }

    private void WhileOpening(object message)
    {
        switch (message)
        {
            case OwnerFound found when !_isOwnerKnown:
                Become(OnReceive);
                OpenFor(found.Owner);
                if (!Timers.IsTimerActive(nameof(OpenAgain))) Stash.UnstashAll();
                break;
            case OpenAgain:
                Become(OnReceive);
                Open();
                if (!Timers.IsTimerActive(nameof(OpenAgain))) Stash.UnstashAll();
                break;
            case ReceiveTimeout:
                break;
            case IClosesAccount:
                Passivate();
                break;
            case StopEntity:
                // Whoever waits is refused, then the same message comes again.
                _failed = _refusing = true;
                Stash.UnstashAll();
                Self.Tell(StopEntity.Instance);
                break;
            default:
                if (Stash.Count < MaxWaiting || !TryRefuse(message)) Stash.Stash();
                break;
        }
    }

    private sealed record OwnerFound(Account? Owner) : INotInfluenceReceiveTimeout;

    private sealed record OpenAgain : INotInfluenceReceiveTimeout
    {
        public static OpenAgain Instance { get; } = new();
    }
}
