using System.Globalization;
using MailServer.Commands;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Admin;

namespace MailServer.Importing;

/// <summary>Hands batches to the running server, whose mailbox actor files them.</summary>
internal sealed class RunningServerTarget(AdminClient server, AccountId account) : IImportTarget
{
    public async Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"import/{account.Value}");
        return (await server.PostAsync<MailImportDocument>(path, ImportFrames.Write(batch), cancel)).Outcomes;
    }

    public void Dispose() { }
}
