using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Something that a source was found to hold.</summary>
/// <param name="Where">Names it to the person who imports: a path, with the offset in a file of many messages.</param>
internal abstract record SourceItem(string Where);

/// <summary>A message as a source has it.</summary>
/// <param name="Where">Where it was found.</param>
/// <param name="Folder">The folder's name here.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Date">When it was received.</param>
/// <param name="Content">Its octets; lines may end with LF.</param>
internal sealed record SourceMessage(string Where, FolderName Folder, MessageFlags Flags, DateTimeOffset Date, ReadOnlyMemory<byte> Content) : SourceItem(Where);

/// <summary>A message that cannot be imported.</summary>
/// <param name="Where">Where it was found.</param>
/// <param name="Reason">Why it cannot be imported.</param>
/// <param name="MessageId">Its Message-ID, where that is known.</param>
internal sealed record SourceRefusal(string Where, string Reason, string? MessageId = null) : SourceItem(Where)
{
    public static SourceRefusal TooLarge(string where, long size, long limit, string? messageId = null) =>
        new(where, $"it has {size} octets, and security.max_message_size is {limit}", messageId);
}

/// <summary>Where mail comes from: one message after another, so that a mailbox of any size needs little memory.</summary>
internal interface IMailSource
{
    /// <summary>About how many messages there are; null when that is not known without reading them.</summary>
    long? Count { get; }

    /// <summary>Everything that the source holds, importable or not, in an order that is the same every time.</summary>
    IAsyncEnumerable<SourceItem> ReadAsync(CancellationToken cancel);
}
