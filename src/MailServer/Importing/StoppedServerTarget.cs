using MailServer.Actors.Maintenance;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;

namespace MailServer.Importing;

/// <summary>Opens the mailbox directly. The command holds the data lock, so that no server can start meanwhile.</summary>
internal sealed class StoppedServerTarget : IImportTarget
{
    private readonly MessageSpool _spool;
    private readonly MailboxStore _store;

    public StoppedServerTarget(string mailbox, Account owner, SpoolOptions spool, TimeProvider time)
    {
        var format = new MessageFormat(spool.Limits);
        _spool = new MessageSpool(spool, format, time);
        _store = MailboxStore.Open(new MailboxStoreOptions { Directory = mailbox, Owner = owner, SpoolDirectory = spool.Directory, Limits = spool.Limits }, format, time);
    }

    public Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        foreach (var folder in batch.Select(static m => m.Message.Folder).Distinct()) _store.CreateFolder(folder, FolderRole.None);
        foreach (var folder in batch.Where(m => m.Message.IsSubscribed && _store.SubscriptionsObstacle is null).Select(static m => m.Message.Folder).Distinct()) _store.Subscribe(folder, subscribed: true);
        var outcomes = new ImportOutcome[batch.Count];
        var spooled = new List<SpoolId>(batch.Count);
        try
        {
            var staged = new List<int>(batch.Count);
            for (var i = 0; i < outcomes.Length; i++)
            {
                var (message, content) = batch[i];
                var written = _spool.Import(message.Id, content);
                spooled.Add(written.Id);
                if (_store.Stage(message.Folder, message.Flags, message.Date, written) is { } refusal) outcomes[i] = MailImportService.OutcomeOf(refusal);
                else staged.Add(i);
            }

            var appended = _store.CommitStaged().Appended;
            for (var i = 0; i < staged.Count; i++) outcomes[staged[i]] = appended[i] is MailboxReply.AlreadyAppended ? ImportOutcome.AlreadyThere : ImportOutcome.Filed;
        }
        finally
        {
            foreach (var id in spooled) _spool.Remove(id);
        }

        return Task.FromResult<IReadOnlyList<ImportOutcome>>(outcomes);
    }

    public void Dispose() => _store.Dispose();
}
