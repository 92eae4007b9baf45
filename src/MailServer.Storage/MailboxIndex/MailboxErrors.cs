namespace MailServer.Storage.MailboxIndex;

/// <summary>Another process (or this one, twice) has the mailbox open: one owner per account is what keeps it whole.</summary>
public sealed class MailboxInUseException : IOException
{
    public MailboxInUseException() { }

    public MailboxInUseException(string message) : base(message) { }

    public MailboxInUseException(string message, Exception innerException) : base(message, innerException) { }
}
