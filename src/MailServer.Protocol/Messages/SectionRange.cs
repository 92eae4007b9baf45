namespace MailServer.Protocol.Messages;

/// <summary>The text specifier of a <c>BODY[section]</c> after the part numbers (RFC 9051 §6.4.5.1).</summary>
public enum SectionText
{
    /// <summary>The body of the part; without part numbers, the whole message.</summary>
    None,

    /// <summary>The header of the message, or of the message/rfc822 in the part, with its blank line.</summary>
    Header,

    /// <summary>The body of the message, or of the message/rfc822 in the part.</summary>
    Text,

    /// <summary>The part's own MIME header, with its blank line.</summary>
    Mime,
}

/// <summary>A range of octets in a message.</summary>
public readonly record struct SectionRange(long Offset, long Count);
