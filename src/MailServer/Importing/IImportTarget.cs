using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Who files imported messages: the running server, or this process when none runs.</summary>
internal interface IImportTarget : IDisposable
{
    /// <summary>Null for each message that is filed; else why it was refused.</summary>
    Task<IReadOnlyList<string?>> FileAsync(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel);
}
