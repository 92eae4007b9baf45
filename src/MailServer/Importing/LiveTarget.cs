using MailServer.Actors.Maintenance;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Files imported messages in the mailboxes of this process.</summary>
internal sealed class LiveTarget(MailImportService import, AccountId account) : IImportTarget
{
    public Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel) => import.FileAsync(account, batch, cancel);

    public void Dispose() { }
}
