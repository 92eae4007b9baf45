namespace MailServer.Protocol.Smtp.Content;

/// <summary>The reason why message data is refused. The first fault is kept; the rest of the message is read and discarded.</summary>
internal enum MessageDataError
{
    None,

    /// <summary>A bare CR or LF (RFC 5321 §2.3.8), which another server could mistake for the end of the message.</summary>
    BareLineEnding,

    /// <summary>A line longer than <c>Limits.SmtpTextLine</c>.</summary>
    LineTooLong,

    /// <summary>A NUL, which no mail access protocol can carry (RFC 9051 §4.3.1).</summary>
    Nul,

    /// <summary>A message larger than <c>Limits.MaxMessageSize</c>.</summary>
    TooLarge,
}
