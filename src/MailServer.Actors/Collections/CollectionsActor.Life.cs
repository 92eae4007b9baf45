using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Collections;

// How collections are opened and closed; as with mailboxes, dav.db is waited for while another process has it.
internal sealed partial class CollectionsActor
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(200);

    private long _openingSince;

    public IStash Stash { get; set; } = null!;

    /// <summary>All collections of a node without a cluster.</summary>
    public static Props Region(CollectionServices services) =>
        EntityRegionActor.Props(account => Props(account, services), new CollectionReply.Refused(CollectionRefusal.Unavailable));

    public static Props Props(AccountId account, CollectionServices services) =>
        ActorFactory.Props(() => new CollectionsActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        _openingSince = _services.Time.GetTimestamp();
        _services.Home.Opened(_account, Self);
        Context.SetReceiveTimeout(IdleBeforeStop);
        Open();
    }

    protected override void PostStop()
    {
        RefuseUnanswered();
        ForgetHeld();
        _store?.Dispose();
    }

    private void Open()
    {
        try
        {
            var directory = AccountFolder.PathOf(_services.MaildirDirectory, _account);
            _store = CollectionStore.Open(new CollectionStoreOptions { Directory = directory, Limits = _services.Limits }, _services.Time);
            SendWaiting();
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
            case CollectionProtocol.ToCollections when Stash.Count >= MaxUnanswered:
                Sender.Tell(Unavailable);
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
            case ReceiveTimeout when _inFlight.Count == 0:
            case IClosesAccount:
                Context.Parent.Tell(_services.Home.Passivation);
                return true;
            case StopEntity:
                // What was accepted before is answered before.
                Commit();
                Context.Stop(Self);
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
