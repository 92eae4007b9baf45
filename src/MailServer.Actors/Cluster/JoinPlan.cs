using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>The next step of a node that is not yet a member.</summary>
internal abstract record JoinStep
{
    /// <summary>Continue with the current step.</summary>
    public sealed record Wait : JoinStep
    {
        public static Wait Instance { get; } = new();
    }

    /// <summary>Join through these nodes; none of them is this node.</summary>
    public sealed record Join(IReadOnlyList<Address> Nodes) : JoinStep;

    /// <summary>Found a cluster, if the database permits it.</summary>
    public sealed record FoundCluster : JoinStep
    {
        public static FoundCluster Instance { get; } = new();
    }
}

/// <summary>
/// Decides how a starting node becomes a member. It joins only the cluster recorded in the database. If there is no record, it first contacts the
/// configured nodes, because the database may have been unavailable for longer than the record's lifetime, and then founds a cluster.
/// </summary>
/// <param name="self">Address of this node.</param>
/// <param name="seeds">The configured nodes; may include this one.</param>
/// <param name="time">Used for timestamps only.</param>
internal sealed class JoinPlan(Address self, IReadOnlyList<Address> seeds, TimeProvider time)
{
    /// <summary>How long to wait for the other nodes before founding a cluster.</summary>
    public static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long to wait before retrying a join that was not answered.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(8);

    private readonly IReadOnlyList<Address> _others = [.. seeds.Where(s => s != self)];
    private IReadOnlyList<Address> _asked = [];
    private long _askedAt;
    private long? _freeSince;

    /// <param name="answered">Whether the database answered.</param>
    /// <param name="member">Address of a member of the current cluster, from the database; null when there is no record.</param>
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
            return _others.Count == 0 || time.GetElapsedTime(_freeSince.Value) >= PeerTimeout ? JoinStep.FoundCluster.Instance : Ask(_others);
        }

        _freeSince = null;
        // The record names an earlier process of this node: either another member renews it soon, or it expires.
        return member == self ? Ask(_others) : Ask([member]);
    }

    private JoinStep Ask(IReadOnlyList<Address> nodes)
    {
        if (nodes.Count == 0 || (nodes.SequenceEqual(_asked) && time.GetElapsedTime(_askedAt) < RetryInterval)) return JoinStep.Wait.Instance;
        _asked = nodes;
        _askedAt = time.GetTimestamp();
        return new JoinStep.Join(nodes);
    }
}
