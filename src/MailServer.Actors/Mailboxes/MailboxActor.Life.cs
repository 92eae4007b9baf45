using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Mailboxes;

// How a mailbox is opened and closed. In a cluster another process may still have it: index.db is locked by whoever has it open, and so long it is waited for.
internal sealed partial class MailboxActor
{
    private const int MaxWaiting = 10_000;
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(200);

    private long _openingSince;

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    private MailboxStore Store => _store ?? throw new IOException("the mailbox could not be opened");

    /// <summary>All mailboxes of a node without a cluster.</summary>
    public static Props Region(MailboxServices services) =>
        EntityRegionActor.Props(account => Props(account, services), new MailboxReply.Refused(MailboxRefusal.Unavailable));

    public static Props Props(AccountId account, MailboxServices services) =>
        ActorFactory.Props(() => new MailboxActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        _openingSince = _services.Time.GetTimestamp();
        _services.Home.Opened(_account, Self);
        Context.SetReceiveTimeout(IdleBeforeStop);
        Open();
    }

    protected override void PostStop()
    {
        foreach (var staged in _staged) staged.Refuse(Self, _account);
        foreach (var search in _searches) search.Client.Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
        _store?.Dispose();
    }

    private void Open()
    {
        try
        {
            _store = MailboxStore.Open(
                new MailboxStoreOptions
                {
                    Directory = AccountFolder.PathOf(_services.MaildirDirectory, _account),
                    SpoolDirectory = _services.SpoolDirectory,
                    Limits = _services.Limits,
                },
                _services.Format,
                _services.Time);
            foreach (var problem in _store.Problems) LogProblem(_account, problem);
            BeginQuota();
        }
        catch (StoreInUseException) when (_services.Time.GetElapsedTime(_openingSince) < _services.Home.Patience)
        {
            Timers.StartSingleTimer(nameof(OpenAgain), OpenAgain.Instance, TryAgain);
            Become(WhileOpening);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // Asked again at the next message, by a new actor: what was asked meanwhile is refused for now.
            LogNotOpened(e, _account);
            Context.SetReceiveTimeout(TimeSpan.FromSeconds(1));
        }
    }

    private void WhileOpening(object message)
    {
        switch (message)
        {
            case OpenAgain:
                Become(OnReceive);
                Open();
                if (!Timers.IsTimerActive(nameof(OpenAgain))) Stash.UnstashAll();
                break;
            case ReceiveTimeout:
                break;
            case StopEntity or IClosesAccount:
                Context.Stop(Self);
                break;
            case MailboxProtocol.Deliver deliver when Stash.Count >= MaxWaiting:
                new Staged(new Asker(Sender, 0), deliver.Message.Id, Delivered: true).Refuse(Self, _account);
                break;
            case MailboxProtocol.ToMailbox asked when Stash.Count >= MaxWaiting:
                new Asker(Sender, asked.Sequence).Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private bool OnLife(object message)
    {
        switch (message)
        {
            case ReceiveTimeout:
                if (!_watchers.Any || _store is null) Context.Parent.Tell(_services.Home.Passivation);
                return true;
            case StopEntity:
                // What was accepted before is answered before.
                CommitStaged();
                Context.Stop(Self);
                return true;
            case IClosesAccount:
                Context.Parent.Tell(_services.Home.Passivation);
                return true;
            default:
                return false;
        }
    }

    private sealed record OpenAgain : INotInfluenceReceiveTimeout
    {
        public static OpenAgain Instance { get; } = new();
    }
}
