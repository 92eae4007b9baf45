namespace MailServer.Protocol.Messages;

/// <summary>What of a message or part a <c>BODY[section]</c> names after the part numbers (RFC 9051 §6.4.5.1).</summary>
public enum SectionText
{
    /// <summary>The part's body; of the message itself, all of it.</summary>
    None,

    /// <summary>The header of the message, or of the message/rfc822 that the part holds, with its blank line.</summary>
    Header,

    /// <summary>The body of the message, or of the message/rfc822 that the part holds.</summary>
    Text,

    /// <summary>The part's own MIME header, with its blank line.</summary>
    Mime,
}

/// <summary>Octets of a message: where they begin and how many.</summary>
public readonly record struct SectionRange(long Offset, long Count);
