using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The file of one message is missing, damaged or not a regular file. The rest of the mailbox is not affected.</summary>
public sealed class UnreadableMessageException : IOException
{
    public UnreadableMessageException() { }

    public UnreadableMessageException(string message) : base(message) { }

    public UnreadableMessageException(string message, Exception innerException) : base(message, innerException) { }

    internal UnreadableMessageException(FolderName folder, uint uid, Exception? cause) : base($"{folder}: UID {uid} cannot be read: {cause?.Message ?? "its file is missing"}", cause) =>
        Uid = new Uid(uid);

    public Uid Uid { get; }
}
