using Akka.Actor;

namespace MailServer.Diagnostics;

/// <summary>Checks that actors process messages: each must answer an Identify message, which waits in its inbox like any other.</summary>
internal static class ActorHealthProbe
{
    private const int MostAsked = 5_000;

    /// <summary>Returns the paths of actors that did not answer, and the number of actors checked.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="deep">Whether to include the children of the top-level actors, such as mailboxes.</param>
    /// <param name="patience">The time limit for each actor.</param>
    public static async Task<(IReadOnlyList<string> Silent, int Asked)> ProbeAsync(ActorSystem system, bool deep, TimeSpan patience)
    {
        IActorRef[] top = ((ExtendedActorSystem)system).Guardian is ActorRefWithCell guardian ? [.. guardian.Children] : [];
        IEnumerable<IActorRef> actors = deep ? top.Concat(top.OfType<ActorRefWithCell>().SelectMany(static a => a.Children)) : top;
        var asked = actors.Where(static a => !a.IsNobody()).Take(MostAsked).ToArray();
        var answers = await Task.WhenAll(asked.Select(actor => AnswersAsync(actor, patience)));
        return ([.. asked.Where((_, i) => !answers[i]).Select(static a => a.Path.ToStringWithoutAddress())], asked.Length);
    }

    private static async Task<bool> AnswersAsync(IActorRef actor, TimeSpan patience)
    {
        try
        {
            await actor.Ask<ActorIdentity>(new Identify(null), patience);
            return true;
        }
        catch (AskTimeoutException)
        {
            // An actor that has terminated meanwhile is not stuck.
            return actor is ActorRefWithCell { IsTerminated: true };
        }
    }
}
