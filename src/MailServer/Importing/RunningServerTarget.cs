using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Admin;

namespace MailServer.Importing;

/// <summary>Sends batches to the running server, whose mailbox actor files them. If the server stops, waits for the next start and sends the batch again.</summary>
/// <param name="server">The client of the server.</param>
/// <param name="account">The account of the mailbox.</param>
/// <param name="complain">Prints that the import is waiting.</param>
/// <param name="patience">How long to wait for a start.</param>
/// <param name="time">The clock.</param>
internal sealed class RunningServerTarget(AdminClient server, AccountId account, Action<string> complain, TimeSpan patience, TimeProvider time) : IImportTarget
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"import/{account.Value}");
        var frames = ImportBatchCodec.Write(batch);
        long? waitingSince = null;
        while (true)
        {
            try
            {
                return (await server.PostAsync<MailImportDocument>(path, frames, cancel)).Outcomes;
            }
            catch (Exception e) when (e is ServerUnreachableException or IOException or HttpRequestException)
            {
                if (waitingSince is null) complain("the server has stopped; waiting for it to restart");
                waitingSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(waitingSince.Value) > patience) throw new CommandFailure("the server has stopped: start it and run the import again; nothing is imported twice");
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    public void Dispose() { }
}
