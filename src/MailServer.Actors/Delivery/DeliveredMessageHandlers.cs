using MailServer.Actors.Submission;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>Passes delivered messages to the registered readers; opens the content only when a reader wants it.</summary>
internal sealed partial class DeliveredMessageHandlers(IReadOnlyList<IDeliveredMessageHandler> readers, MessageSpool spool, ILogger log)
{
    public void Dispatch(DeliveredMessage message)
    {
        foreach (var reader in readers)
        {
            try
            {
                if (!reader.Wants(message)) continue;
                using var content = spool.Open(message.Spooled.Id);
                reader.Read(message, content);
            }
            catch (Exception e)
            {
                LogFailed(log, e, message.Spooled.Id, reader.GetType().Name);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reader} failed on message {Message}, which is already accepted")]
    private static partial void LogFailed(ILogger log, Exception exception, Domain.Messages.SpoolId message, string reader);
}
