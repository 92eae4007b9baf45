namespace MailServer.Protocol.Messages;

/// <summary>How a MIME part is made up.</summary>
public enum PartKind
{
    /// <summary>Content without parts, as far as IMAP is concerned.</summary>
    Leaf,

    /// <summary>multipart/*: its children are its parts (RFC 2046 §5.1).</summary>
    Multipart,

    /// <summary>message/rfc822 or message/global: its one child is the message in it (RFC 2046 §5.2.1, RFC 6532 §3.7).</summary>
    Message,
}
