using Akka.Actor;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Delivery;

// A bug of ours, or a state of the machine that nobody thought of, must not leave the client waiting.
internal sealed partial class DeliveryWorkerActor
{
    private Prepared Fail(DeliveryProtocol.Accept accept, IActorRef client, Exception e)
    {
        LogFailed(e, accept.Transaction.SessionId);
        return new Prepared(accept, client, new Destinations(), StorageFailed, null, null);
    }

    private void StoreOrRefuse(Prepared prepared)
    {
        var (content, client) = (prepared.Accept.Content, prepared.Client);
        try
        {
            Store(prepared);
        }
        catch (Exception e)
        {
            LogFailed(e, prepared.Accept.Transaction.SessionId);
            // What is on its way is answered when it has arrived, or is given up.
            if (_pending.ContainsKey(content.Id)) return;
            content.Dispose();
            client.Tell(StorageFailed);
        }
    }
}
