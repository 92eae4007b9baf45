using Akka.Actor;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Delivery;

// A bug or an unexpected state of the machine must not leave the client waiting.
internal sealed partial class DeliveryWorkerActor
{
    private PreparedMessage Fail(DeliveryProtocol.Accept accept, IActorRef client, Exception e)
    {
        LogFailed(e, accept.Transaction.SessionId);
        return new PreparedMessage(accept, client, new ResolvedRecipients(), StorageFailed, null, null);
    }

    private void StoreOrRefuse(PreparedMessage prepared)
    {
        prepared = CorrectSubmission(prepared);
        var (content, client) = (prepared.Accept.Content, prepared.Client);
        try
        {
            Store(prepared);
        }
        catch (Exception e)
        {
            LogFailed(e, prepared.Accept.Transaction.SessionId);
            // Messages that are being delivered are answered by their mailbox or queue, or by the time-out.
            if (_pending.ContainsKey(content.Id)) return;
            content.Dispose();
            client.Tell(StorageFailed);
        }
    }
}
