namespace MailServer.Protocol.Smtp.Content;

/// <summary>Why a message's octets are refused. The first fault found stays; the rest of the message is read and dropped.</summary>
internal enum ContentFault
{
    None,

    /// <summary>CR or LF alone (RFC 5321 §2.3.8): what another server might take for the end of the message.</summary>
    BareLineEnding,

    /// <summary>More than <c>Limits.SmtpTextLine</c>.</summary>
    LineTooLong,

    /// <summary>A NUL, which no mail access protocol can carry (RFC 9051 §4.3.1).</summary>
    Nul,

    /// <summary>More than <c>Limits.MaxMessageSize</c>.</summary>
    TooLarge,
}
