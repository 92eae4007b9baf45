using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>What a FETCH wants of each message, so that no more is read than is asked for.</summary>
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
    /// <summary>The table of MIME parts.</summary>
    Parts = 64,
    /// <summary>An open handle on the message; whoever receives the row disposes it.</summary>
    Content = 128,
    ModSeq = 256,
}

/// <summary>One message as fetched; what was not asked for has its default. UID, flags, mod-sequence, date and size cost nothing and are always there.</summary>
public sealed record MessageRow
{
    public required Uid Uid { get; init; }

    public required MessageFlags Flags { get; init; }

    public required ModSeq ModSeq { get; init; }

    public required DateTimeOffset InternalDate { get; init; }

    public required long Size { get; init; }

    /// <summary>This fetch set <c>\Seen</c>: the client is told the flags though it did not ask.</summary>
    public bool FlagsChanged { get; init; }

    public ReadOnlyMemory<byte> Envelope { get; init; }

    public ReadOnlyMemory<byte> BodyStructure { get; init; }

    public ReadOnlyMemory<byte> Headers { get; init; }

    public ReadOnlyMemory<byte> Parts { get; init; }

    /// <summary>Null when not asked for, or when the file is gone (another tool removed it).</summary>
    public MessageContent? Content { get; init; }
}
