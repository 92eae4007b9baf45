using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

// Opening and closing the mailbox.
internal sealed partial class MailboxActor
{
    protected override int MaxWaiting => 10_000;

    protected override bool IsIdle => !_watchers.Any || _store is null;

    private int _problemsLogged;

    private MailboxStore Store => _store ?? throw new IOException("the mailbox could not be opened");

    /// <summary>The local region of all mailboxes, without a cluster.</summary>
    public static Props Region(MailboxServices services) =>
        EntityRegionActor.Props(account => Props(account, services), MailboxProtocol.Refusal);

    public static Props Props(AccountId account, MailboxServices services) =>
        ActorFactory.Props(() => new MailboxActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void PostStop()
    {
        RefuseAccepted();
        _store?.Dispose();
    }

    protected override void OpenStore()
    {
        _store = MailboxStore.Open(
            new MailboxStoreOptions
            {
                Directory = AccountFolder.PathOf(_services.MaildirDirectory, Account),
                SpoolDirectory = _services.SpoolDirectory,
                Owner = Owner,
                Limits = _services.Limits,
            },
            _services.Format,
            _services.Time);
        ReportOpened(_store);
        LogProblems();
        BeginQuota();
    }

    private void LogProblems()
    {
        for (; _problemsLogged < _store?.Problems.Count; _problemsLogged++) LogProblem(Account, _store.Problems[_problemsLogged]);
    }

    protected override void OnOpenFailed(Exception failure)
    {
        LogNotOpened(failure, Account);
        ReportNotOpened(failure);
    }

    protected override void OnFailed(Exception failure) => LogFailed(failure, Account, "a message");

    protected override void Finish()
    {
        CommitStaged();
        // A search that needs several turns would delay the next actor.
        RefuseAccepted();
    }

    protected override void RefuseAccepted()
    {
        RefuseStaged();
        foreach (var search in _searches) search.Client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
        _searches.Clear();
    }

    protected override bool TryRefuse(object message)
    {
        if (message is not IForAccount request || MailboxProtocol.Refusal(request) is not { } refusal) return false;
        Sender.Tell(refusal, Self);
        return true;
    }
}
