using MailServer.Actors.Entities;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>
/// Opens the spool files of queued messages. A file whose size differs from that of the accepted message is never sent: it is set aside, and the
/// recipients fail permanently, so that the sender is told. A file that cannot be read now is reported and tried again.
/// </summary>
internal static partial class QueuedContent
{
    internal static readonly SmtpReply Damaged = new(554, "5.3.0", "The message was damaged on a disk of this server");
    internal const string DamagedSubject = "damaged spool files";
    private const string Consequence = "queued messages were damaged on the disk and not sent; their senders are told";
    private static readonly SmtpReply NotNow = new(451, "4.3.0", "The spool cannot be read now");

    /// <summary>Opens what is sent of a message: all but the fields that are only for local mailboxes.</summary>
    /// <exception cref="FileNotFoundException">The spool does not contain the message.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static MessageContent Open(QueueServices services, QueueItem item)
    {
        var content = services.Spool.Open(item.Message);
        services.Unreadable.Remove(item.Message);
        if (content.Length == SizeOf(item)) return new ContentTail(content, item.PrefixLength);
        using (content) throw SetAside(services, item, content.Length);
    }

    /// <summary>Parses a message again, for a mailbox; fails like <see cref="Open"/>.</summary>
    public static SpooledMessage Reopen(QueueServices services, QueueItem item)
    {
        var message = services.Spool.Reopen(item.Message, item.QueuedAt.ToLocalTime());
        services.Unreadable.Remove(item.Message);
        return message.Size == SizeOf(item) ? message : throw SetAside(services, item, message.Size);
    }

    /// <summary>The result of an attempt whose message could not be opened.</summary>
    public static SmtpReply ReplyOf(QueueServices services, QueueItem item, Exception failure)
    {
        switch (failure)
        {
            case FileNotFoundException:
                return QueueDecider.ContentLost;
            case InvalidDataException:
                return Damaged;
            default:
                LogUnreadable(services.Log, failure, item.Message);
                services.Unreadable.Add(item.Message, failure.Message);
                return NotNow;
        }
    }

    /// <summary>Reports the files that earlier runs have set aside and that are still there.</summary>
    public static void FindSetAside(QueueServices services)
    {
        if (services.Spool.HasDamaged) services.Stores.SetAside(DamagedSubject, services.Spool.Damaged, Consequence);
    }

    private static long SizeOf(QueueItem item) => item.Size + item.PrefixLength;

    private static InvalidDataException SetAside(QueueServices services, QueueItem item, long size)
    {
        LogDamaged(services.Log, item.Message, size, SizeOf(item), services.Spool.Damaged);
        try
        {
            services.Spool.SetAsideDamaged(item.Message);
            services.Stores.SetAside(DamagedSubject, services.Spool.Damaged, Consequence);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogUnreadable(services.Log, e, item.Message);
        }

        return new InvalidDataException($"the size of the spool file of message {item.Message} is {size}, not {SizeOf(item)}");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The size of the spool file of message {Message} is {Size}, not {Expected}: it is not sent, and is moved to {Folder}")]
    private static partial void LogDamaged(ILogger log, SpoolId message, long size, long expected, string folder);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool file of message {Message} cannot be used")]
    private static partial void LogUnreadable(ILogger log, Exception exception, SpoolId message);
}
