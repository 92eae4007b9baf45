using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>The data items that a FETCH requests. Only these are read.</summary>
[Flags]
public enum FetchItems
{
    None = 0,
    Flags = 1,
    InternalDate = 2,
    Size = 4,
    Envelope = 8,
    BodyStructure = 16,
    /// <summary>The cached header fields.</summary>
    Headers = 32,
    /// <summary>The table of MIME part ranges.</summary>
    Parts = 64,
    /// <summary>An open handle on the message; the receiver of the row disposes it.</summary>
    Content = 128,
    ModSeq = 256,

    /// <summary>The identifier of the content (<see cref="MessageDetails.EmailId"/>).</summary>
    EmailId = 512,

    /// <summary>When the message came into its folder.</summary>
    SavedDate = 1_024,

    /// <summary>The beginning of the text, which is read from the file if it is not cached.</summary>
    Preview = 2_048,

    /// <summary>The beginning of the text if it is cached or the message is short.</summary>
    QuickPreview = 4_096,
}

/// <summary>Items of a message that few clients request; null when they were not requested, or when a node of an older version has answered.</summary>
/// <param name="EmailId">Identifies the content (RFC 8474): copies of a message have the same one.</param>
/// <param name="SavedAt">When the message came into its folder (RFC 8514).</param>
/// <param name="Preview">The beginning of the text (RFC 8970); empty if the message has no text that can be shown.</param>
public sealed record MessageDetails(string? EmailId, DateTimeOffset? SavedAt, string? Preview);

/// <summary>A fetched message. Items that were not requested have default values; UID, flags, mod-sequence, date and size are always set.</summary>
public sealed record MessageRow
{
    public required Uid Uid { get; init; }

    public required MessageFlags Flags { get; init; }

    public required ModSeq ModSeq { get; init; }

    public required DateTimeOffset InternalDate { get; init; }

    public required long Size { get; init; }

    /// <summary>True if this fetch set <c>\Seen</c>; the flags are then returned to the client even if it did not request them.</summary>
    public bool FlagsChanged { get; init; }

    public ReadOnlyMemory<byte> Envelope { get; init; }

    public ReadOnlyMemory<byte> BodyStructure { get; init; }

    public ReadOnlyMemory<byte> Headers { get; init; }

    public ReadOnlyMemory<byte> Parts { get; init; }

    /// <summary>Null if nothing of it was requested.</summary>
    public MessageDetails? Details { get; init; }

    /// <summary>Null if not requested, or if another tool removed the file.</summary>
    public MessageContent? Content { get; init; }
}
