using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>An item of a source: a message, or something that cannot be imported.</summary>
/// <param name="Where">Identifies it for the user: a path, with the offset in a file of many messages.</param>
internal abstract record SourceItem(string Where);

/// <summary>A message of a source.</summary>
/// <param name="Where">Its place in the source.</param>
/// <param name="Folder">The folder to import it into.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Date">The time at which it was received.</param>
/// <param name="Content">Its octets, with CRLF or LF line endings.</param>
internal sealed record SourceMessage(string Where, FolderName Folder, MessageFlags Flags, DateTimeOffset Date, ReadOnlyMemory<byte> Content) : SourceItem(Where)
{
    /// <summary>The user has subscribed to the folder.</summary>
    public bool IsSubscribed { get; init; }
}

/// <summary>A message that cannot be imported.</summary>
/// <param name="Where">Its place in the source.</param>
/// <param name="Reason">The reason why it cannot be imported.</param>
/// <param name="MessageId">Its Message-ID, if known.</param>
internal sealed record SourceRefusal(string Where, string Reason, string? MessageId = null) : SourceItem(Where)
{
    public static SourceRefusal TooLarge(string where, long size, long limit, string? messageId = null) =>
        new(where, $"its size of {Quantity.Of(size, "octet")} exceeds security.max_message_size ({limit})", messageId);
}

/// <summary>A source of messages, read one at a time, so that memory use does not depend on the size of the mailbox.</summary>
internal interface IMailSource
{
    /// <summary>The approximate number of messages; null if it is unknown without reading them.</summary>
    long? Count { get; }

    /// <summary>Reads all items, importable or not. The order is the same each time.</summary>
    IAsyncEnumerable<SourceItem> ReadAsync(CancellationToken cancel);
}
