using Akka.Actor;

namespace MailServer.Actors.Entities;

/// <summary>Requests from code that is not an actor.</summary>
internal static class RegionExtensions
{
    /// <summary>Sends a request and waits for the answer.</summary>
    /// <param name="region">The region of the actor.</param>
    /// <param name="request">The request, whose rule limits the time.</param>
    /// <param name="refused">The result after that time. The request may still have been executed.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<T> RequestAsync<T>(this IActorRef region, ITrackedRequest request, T refused, CancellationToken cancel)
    {
        try
        {
            return await region.Ask<T>(request, request.Rule.Answer, cancel);
        }
        catch (AskTimeoutException)
        {
            return refused;
        }
    }
}
