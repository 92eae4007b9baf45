using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Files imported messages, through the running server or directly.</summary>
internal interface IImportTarget : IDisposable
{
    /// <summary>Files a batch and returns the outcome of each message, in order.</summary>
    Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel);
}
