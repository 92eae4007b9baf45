namespace MailServer.Protocol.Imap.Notifying;

/// <summary>The supported events (RFC 5465 §5).</summary>
[Flags]
internal enum NotifyEvents
{
    None = 0,
    MessageNew = 1,
    MessageExpunge = 2,
    FlagChange = 4,
    MailboxName = 8,
    SubscriptionChange = 16,
    MailboxMetadataChange = 32,

    /// <summary>Not about folders: it counts in any group.</summary>
    ServerMetadataChange = 64,

    /// <summary>New and removed messages can only be requested together.</summary>
    Messages = MessageNew | MessageExpunge,

    /// <summary>The events that can be requested for the selected folder.</summary>
    OfMessages = Messages | FlagChange,
}
