namespace MailServer.Domain.Messages;

/// <summary>
/// Parsed properties of a message, created by <see cref="IMessageParser"/> when the message is accepted or an index
/// is rebuilt, so that later requests need not open its file. The values are ready to be sent in FETCH responses.
/// </summary>
public sealed record MessageSummary
{
    /// <summary>Version of the encoding of the fields below; summaries with another version are recreated.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The ENVELOPE value, including parentheses, 7-bit (RFC 9051 §7.5.2).</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>The BODYSTRUCTURE value with extension data, including parentheses, 7-bit.</summary>
    public required ReadOnlyMemory<byte> BodyStructure { get; init; }

    /// <summary>The header fields that clients usually request, raw with CRLF, in message order (names: <see cref="IMessageParser.IsCached"/>).</summary>
    public required ReadOnlyMemory<byte> Headers { get; init; }

    /// <summary>Octet ranges of the header and body of each MIME part; an opaque encoding that only Protocol reads and writes.</summary>
    public required ReadOnlyMemory<byte> Parts { get; init; }

    /// <summary>Date of the Date field in the zone of the field, as SEARCH SENTBEFORE compares it; null if absent.</summary>
    public required DateOnly? SentDate { get; init; }
}

/// <summary>Parses messages (RFC 5322, MIME) for Storage, which does not depend on Protocol. Implementations are stateless and thread-safe.</summary>
public interface IMessageParser
{
    /// <summary>Parses a message. Never throws because of its content: even malformed messages have a summary.</summary>
    MessageSummary Summarize(MessageContent content);

    /// <summary>True if <see cref="MessageSummary.Headers"/> contains every header field of this name (case-insensitive).</summary>
    bool IsCached(ReadOnlySpan<char> fieldName);

    /// <summary>
    /// SEARCH HEADER, FROM, TO, CC, BCC, SUBJECT: true if a field of this name, after RFC 2047 decoding, contains <paramref name="text"/> without
    /// regard to case. An empty text tests whether the field exists. <paramref name="headers"/> is a raw header section or a part of one.
    /// </summary>
    bool HeaderContains(ReadOnlySpan<byte> headers, string fieldName, string text);

    /// <summary>SORT and THREAD: reads the requested values. <paramref name="headers"/> is a raw header section or the cached part of one.</summary>
    OrderValues ReadOrderValues(ReadOnlySpan<byte> headers, OrderFields fields);

    /// <summary>SEARCH BODY and TEXT: true if the decoded body (and the header, if <paramref name="includeHeader"/>) contains <paramref name="text"/>, without regard to case.</summary>
    bool TextContains(MessageContent content, string text, bool includeHeader);

    /// <summary>
    /// The beginning of the text as it is displayed, at most 200 characters without line breaks; empty if there is no text. Reads a bounded part of the message.
    /// </summary>
    string Preview(MessageContent content);

    /// <summary>The text as it is compared: <see cref="ReadSearchText"/> passes on texts in this form.</summary>
    string FoldForSearch(string text);

    /// <summary>
    /// Passes on all texts in which <see cref="HeaderContains"/> and <see cref="TextContains"/> look, as they are compared. Each three characters of a text that these
    /// find are together in one of the pieces. Returns false if some text is missing, because it is unusual or the receiver wanted no more.
    /// </summary>
    bool ReadSearchText(MessageContent content, ISearchTextReceiver receiver);
}
