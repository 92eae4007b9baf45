using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Admin;

namespace MailServer.Importing;

/// <summary>Hands batches to the running server, whose mailbox actor files them. When the server stops, it waits for the next start and hands the batch in again.</summary>
/// <param name="server">The server.</param>
/// <param name="account">Whose mailbox.</param>
/// <param name="complain">Told that it waits.</param>
/// <param name="patience">How long it waits for a start.</param>
/// <param name="time">The clock.</param>
internal sealed class RunningServerTarget(AdminClient server, AccountId account, Action<string> complain, TimeSpan patience, TimeProvider time) : IImportTarget
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    public async Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"import/{account.Value}");
        var frames = ImportFrames.Write(batch);
        long? waitingSince = null;
        while (true)
        {
            try
            {
                return (await server.PostAsync<MailImportDocument>(path, frames, cancel)).Outcomes;
            }
            catch (Exception e) when (e is ServerUnreachableException or IOException or HttpRequestException)
            {
                if (waitingSince is null) complain("the server has stopped; waiting for it to start again");
                waitingSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(waitingSince.Value) > patience) throw new CommandFailure("the server has stopped: start it, then start the import again; nothing is filed twice");
                await Task.Delay(s_pause, time, cancel);
            }
        }
    }

    public void Dispose() { }
}
