using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Who files imported messages: the running server, or this process when none runs.</summary>
internal interface IImportTarget : IDisposable
{
    /// <summary>What became of each message, in their order.</summary>
    Task<IReadOnlyList<ImportOutcome>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel);
}
