using Akka.Actor;

namespace MailServer.Diagnostics;

/// <summary>Whether actors still take messages: each is asked for its identity, which it gives when its inbox comes to that.</summary>
internal static class ActorPulse
{
    private const int MostAsked = 5_000;

    /// <summary>The paths of those that did not answer, and how many were asked.</summary>
    /// <param name="system">Whose actors.</param>
    /// <param name="deep">Their children too, such as single mailboxes.</param>
    /// <param name="patience">How long each may take.</param>
    public static async Task<(IReadOnlyList<string> Silent, int Asked)> FeelAsync(ActorSystem system, bool deep, TimeSpan patience)
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
            // One that has ended meanwhile is not stuck.
            return actor is ActorRefWithCell { IsTerminated: true };
        }
    }
}
