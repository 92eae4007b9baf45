using Akka.Actor;

namespace MailServer.Actors.Inspection;

/// <summary>One actor: path, class, number of queued messages, and number of children.</summary>
public sealed record ActorDescription(string Path, string Type, int Inbox, int Children);

/// <summary>The actors of this node, inspected from outside without sending them messages.</summary>
public sealed class ActorTree(ActorSystem system)
{
    /// <summary>
    /// The actor at <paramref name="path"/> (such as <c>/user/sessions</c>) and its descendants, parents first, at most <paramref name="max"/>; empty when
    /// there is no such actor.
    /// </summary>
    public IReadOnlyList<ActorDescription> Below(string path, int max)
    {
        var found = new List<ActorDescription>();
        if (Find(path) is not { } root) return found;
        var waiting = new Stack<ActorRefWithCell>([root]);
        while (found.Count < max && waiting.TryPop(out var actor))
        {
            var children = ChildrenOf(actor);
            found.Add(Describe(actor, children.Count));
            for (var i = children.Count - 1; i >= 0; i--) waiting.Push(children[i]);
        }

        return found;
    }

    /// <summary>Number of direct children of <paramref name="path"/>, and the longest inbox among them and the actor itself.</summary>
    public (int Count, int FullestInbox) Summarize(string path)
    {
        if (Find(path) is not { } root) return (0, 0);
        var children = ChildrenOf(root);
        return (children.Count, children.Select(static c => InboxOf(c)).Append(InboxOf(root)).Max());
    }

    /// <summary>Number of messages queued for a local actor.</summary>
    public static int InboxOf(IActorRef actor) => actor is ActorRefWithCell { Underlying: { } cell } ? cell.NumberOfMessages : 0;

    private ActorRefWithCell? Find(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names is not ["user", ..] || ((ExtendedActorSystem)system).Guardian is not ActorRefWithCell actor) return null;
        foreach (var name in names.AsSpan(1))
        {
            if (ChildrenOf(actor).Find(c => c.Path.Name == name) is not { } child) return null;
            actor = child;
        }

        return actor;
    }

    private static ActorDescription Describe(ActorRefWithCell actor, int children) => new(
        actor.Path.ToStringWithoutAddress(), (actor.Underlying?.Props?.Type ?? typeof(object)).Name, InboxOf(actor), children);

    private static List<ActorRefWithCell> ChildrenOf(ActorRefWithCell actor) =>
        [.. (actor.Underlying?.ChildrenContainer.Children ?? []).OfType<ActorRefWithCell>()];
}
