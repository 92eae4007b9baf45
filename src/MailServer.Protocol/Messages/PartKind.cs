namespace MailServer.Protocol.Messages;

/// <summary>The structure of a MIME part.</summary>
public enum PartKind
{
    /// <summary>A part without children, as far as IMAP is concerned.</summary>
    Leaf,

    /// <summary>multipart/*: the children are its parts (RFC 2046 §5.1).</summary>
    Multipart,

    /// <summary>message/rfc822 or message/global: the only child is the embedded message (RFC 2046 §5.2.1, RFC 6532 §3.7).</summary>
    Message,
}
