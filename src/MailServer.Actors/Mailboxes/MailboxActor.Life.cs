using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

// How a mailbox is opened and closed.
internal sealed partial class MailboxActor
{
    protected override int MaxWaiting => 10_000;

    protected override bool IsIdle => !_watchers.Any || _store is null;

    private MailboxStore Store => _store ?? throw new IOException("the mailbox could not be opened");

    /// <summary>All mailboxes of a node without a cluster.</summary>
    public static Props Region(MailboxServices services) =>
        EntityRegionActor.Props(account => Props(account, services), new MailboxReply.Refused(MailboxRefusal.Unavailable));

    public static Props Props(AccountId account, MailboxServices services) =>
        ActorFactory.Props(() => new MailboxActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void PostStop()
    {
        foreach (var staged in _staged) staged.Refuse(Self, Account);
        foreach (var search in _searches) search.Client.Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
        _store?.Dispose();
    }

    protected override void OpenStore()
    {
        _store = MailboxStore.Open(
            new MailboxStoreOptions
            {
                Directory = AccountFolder.PathOf(_services.MaildirDirectory, Account),
                SpoolDirectory = _services.SpoolDirectory,
                Limits = _services.Limits,
            },
            _services.Format,
            _services.Time);
        ReportOpened(_store);
        foreach (var problem in _store.Problems) LogProblem(Account, problem);
        BeginQuota();
    }

    protected override void OnNotOpened(Exception failure)
    {
        LogNotOpened(failure, Account);
        ReportNotOpened(failure);
    }

    protected override void Finish() => CommitStaged();

    protected override bool TryRefuse(object message)
    {
        switch (message)
        {
            case MailboxProtocol.Deliver deliver:
                new Staged(new Asker(Sender, 0), deliver.Message.Id, Delivered: true).Refuse(Self, Account);
                return true;
            case MailboxProtocol.ToMailbox asked:
                new Asker(Sender, asked.Sequence).Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
                return true;
            default:
                return false;
        }
    }
}
