using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>What a node that is no member yet does next.</summary>
internal abstract record JoinStep
{
    /// <summary>Nothing new: what was begun goes on.</summary>
    public sealed record Wait : JoinStep
    {
        public static Wait Instance { get; } = new();
    }

    /// <summary>Asks these nodes to be let in; none of them is this node.</summary>
    public sealed record Join(IReadOnlyList<Address> Nodes) : JoinStep;

    /// <summary>Founds a cluster, if the database grants it.</summary>
    public sealed record Found : JoinStep
    {
        public static Found Instance { get; } = new();
    }
}

/// <summary>
/// Decides how a node that starts becomes a member. It joins the cluster that the database names, and no other. When the database names none, it asks the
/// configured nodes for a while, since the database may have been away longer than its note lives, and then founds one.
/// </summary>
/// <param name="self">The address of this node.</param>
/// <param name="seeds">The configured nodes; this one may be among them.</param>
/// <param name="time">Only its timestamps are used.</param>
internal sealed class JoinPlan(Address self, IReadOnlyList<Address> seeds, TimeProvider time)
{
    /// <summary>For how long the other nodes are asked before a cluster is founded.</summary>
    public static readonly TimeSpan PeersAnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>After that a node that did not let this one in is asked again.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(8);

    private readonly IReadOnlyList<Address> _others = [.. seeds.Where(s => s != self)];
    private IReadOnlyList<Address> _asked = [];
    private long _askedAt;
    private long? _freeSince;

    /// <param name="answered">Whether the database answered.</param>
    /// <param name="member">The address of a member of the current cluster, as the database says; null: there is no cluster.</param>
    public JoinStep Next(bool answered, Address? member)
    {
        if (!answered)
        {
            _freeSince = null;
            return Ask(_others);
        }

        if (member is null)
        {
            _freeSince ??= time.GetTimestamp();
            return _others.Count == 0 || time.GetElapsedTime(_freeSince.Value) >= PeersAnswerWithin ? JoinStep.Found.Instance : Ask(_others);
        }

        _freeSince = null;
        // The note names an earlier life of this node: either another member renews it in a moment, or it ends.
        return member == self ? Ask(_others) : Ask([member]);
    }

    private JoinStep Ask(IReadOnlyList<Address> nodes)
    {
        if (nodes.Count == 0 || (nodes.SequenceEqual(_asked) && time.GetElapsedTime(_askedAt) < AskAgain)) return JoinStep.Wait.Instance;
        _asked = nodes;
        _askedAt = time.GetTimestamp();
        return new JoinStep.Join(nodes);
    }
}
