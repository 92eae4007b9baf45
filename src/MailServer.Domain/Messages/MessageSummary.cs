namespace MailServer.Domain.Messages;

/// <summary>
/// What is kept about a message so that its file need not be opened again: made once, when it is accepted (or when an index is rebuilt),
/// by <see cref="IMessageFormat"/>. The wire forms are ready to be sent in a FETCH response.
/// </summary>
public sealed record MessageSummary
{
    /// <summary>The form of the fields below; an index that holds another number has them made anew.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The ENVELOPE value in parentheses, 7-bit (RFC 9051 §7.5.2).</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>The BODYSTRUCTURE value with extension data, in parentheses, 7-bit.</summary>
    public required ReadOnlyMemory<byte> BodyStructure { get; init; }

    /// <summary>The fields that clients usually ask for, raw, with their CRLFs, in the order of the message (names: <see cref="IMessageFormat.IsCached"/>).</summary>
    public required ReadOnlyMemory<byte> Headers { get; init; }

    /// <summary>Where each MIME part's header and body begin and end; written and read by Protocol only.</summary>
    public required ReadOnlyMemory<byte> Parts { get; init; }

    /// <summary>The day in the Date field, in the field's own zone (SEARCH SENTBEFORE looks at nothing else); null without one.</summary>
    public required DateOnly? SentDate { get; init; }
}

/// <summary>Knows RFC 5322 and MIME on behalf of Storage, which knows neither. Implementations are stateless and thread-safe.</summary>
public interface IMessageFormat
{
    /// <summary>Reads a message once. Never throws for what it contains: the most malformed message has a summary.</summary>
    MessageSummary Summarize(MessageContent content);

    /// <summary>True when a header field of this name (any case) is in <see cref="MessageSummary.Headers"/> whenever the message has it.</summary>
    bool IsCached(ReadOnlySpan<char> fieldName);

    /// <summary>
    /// SEARCH HEADER, FROM, TO, CC, BCC, SUBJECT: whether a field of that name, RFC 2047 decoded, contains <paramref name="text"/>
    /// without regard to case; an empty text asks whether the field is there. <paramref name="headers"/> is a raw header section or a part of one.
    /// </summary>
    bool HeaderContains(ReadOnlySpan<byte> headers, string fieldName, string text);

    /// <summary>SEARCH BODY and TEXT: whether the decoded text of the body (and of the header, if asked) contains <paramref name="text"/>, without regard to case.</summary>
    bool TextContains(MessageContent content, string text, bool includeHeader);
}
