using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Collections;

// Opening and closing the collections.
internal sealed partial class CollectionsActor
{
    protected override int MaxWaiting => MaxUnanswered;

    protected override bool IsIdle => _inFlight.Count == 0;

    /// <summary>The local region of all collections, without a cluster.</summary>
    public static Props Region(CollectionServices services) =>
        EntityRegionActor.Props(account => Props(account, services), CollectionProtocol.Refusal);

    public static Props Props(AccountId account, CollectionServices services) =>
        ActorFactory.Props(() => new CollectionsActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void PostStop()
    {
        RefuseAccepted();
        TakeSnapshot(isEnding: true);
        _store?.Dispose();
        base.PostStop();
    }

    protected override void OpenStore()
    {
        var directory = AccountFolder.PathOf(_services.MaildirDirectory, Account);
        _store = CollectionStore.Open(new CollectionStoreOptions { Directory = directory, Owner = Owner, Limits = _services.Limits }, _services.Time);
        ReportOpened(_store);
        SendWaiting();
    }

    protected override void OnOpenFailed(Exception failure)
    {
        LogNotOpened(failure, Account);
        var found = StoreFailure.Classify(failure)?.At(DatabasePath);
        (_damage, _isDamaged) = ($"{Subject}: {failure.Message}", found is { IsDamage: true });
        if (failure is not (StoreInUseException or FolderOwnerMismatchException))
            Report($"cannot be opened ({failure.Message}): its owner has no calendars and contacts", found is { IsDamage: false } other ? other.Remedy : Remedy);
    }

    protected override void OnFailed(Exception failure) => LogFailed(failure, Account, "a message");

    protected override void Finish()
    {
        // Report stored changes as stored, although not all scheduling messages were attempted.
        foreach (var held in _held.ToArray()) Release(held);
        Commit();
        RefuseAccepted();
    }

    protected override void RefuseAccepted()
    {
        RefuseUnanswered();
        ForgetHeld();
    }

    protected override bool TryRefuse(object message)
    {
        if (message is ReportActor.ReadPage)
        {
            Sender.Tell(new ReportActor.PageRead(Unavailable));
            return true;
        }

        if (message is CollectionActor.ToStore)
        {
            Sender.Tell(Unavailable);
            return true;
        }

        if (message is not IForAccount request || CollectionProtocol.Refusal(request) is not { } refusal) return false;
        Sender.Tell(refusal);
        return true;
    }
}
