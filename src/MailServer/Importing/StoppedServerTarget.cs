using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Messages;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;

namespace MailServer.Importing;

/// <summary>Opens the mailbox itself; fails when a server has it open.</summary>
internal sealed class StoppedServerTarget : IImportTarget
{
    private readonly Spool _spool;
    private readonly MailboxStore _store;

    public StoppedServerTarget(string mailbox, Account owner, string spool, string node, Limits limits, TimeProvider time)
    {
        var format = new MessageFormat(limits);
        _spool = new Spool(new SpoolOptions { Directory = spool, Node = node, Limits = limits }, format, time);
        _store = MailboxStore.Open(new MailboxStoreOptions { Directory = mailbox, Owner = owner, SpoolDirectory = spool, Limits = limits }, format, time);
    }

    public Task<IReadOnlyList<string?>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        foreach (var folder in batch.Select(static m => m.Message.Folder).Distinct()) _store.CreateFolder(folder, FolderRole.None);
        var refused = new string?[batch.Count];
        try
        {
            for (var i = 0; i < refused.Length; i++)
            {
                var (message, content) = batch[i];
                refused[i] = _store.Stage(message.Folder, message.Flags, message.Date, _spool.Import(message.Id, content))?.ToString();
            }

            _store.CommitStaged();
        }
        finally
        {
            foreach (var (message, _) in batch) _spool.Remove(message.Id);
        }

        return Task.FromResult<IReadOnlyList<string?>>(refused);
    }

    public void Dispose() => _store.Dispose();
}
