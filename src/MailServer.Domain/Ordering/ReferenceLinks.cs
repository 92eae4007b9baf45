using System.Runtime.InteropServices;

namespace MailServer.Domain.Ordering;

/// <summary>
/// Step 1 of THREAD=REFERENCES (RFC 5256 §3): parents of messages. Ids without a message get dummy nodes, whose numbers follow those of the messages.
/// The work is bounded, because senders choose the references: beyond the bound, messages have no parent.
/// </summary>
internal sealed class ReferenceLinks
{
    private const int None = -1;
    private const int MaxReferences = 2_000_000;

    private readonly Dictionary<int, int> _nodes;
    private readonly List<int> _parents;
    private long _steps = 20_000_000;

    public ReferenceLinks(IReadOnlyList<ThreadMessage> messages)
    {
        _nodes = new Dictionary<int, int>(messages.Count);
        _parents = new List<int>(messages.Count * 2);
        long references = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            _parents.Add(None);
            references += messages[i].References.Length;
            // Of several messages with one id the first has it.
            if (messages[i].Id >= 0) _nodes.TryAdd(messages[i].Id, i);
        }

        for (var i = 0; i < messages.Count; i++)
        {
            var ids = messages[i].References.Span;
            Link(i, references > MaxReferences && !ids.IsEmpty ? ids[^1..] : ids);
        }
    }

    /// <summary>The number of messages and dummies.</summary>
    public int Count => _parents.Count;

    /// <summary>The parent of a node; negative if it has none.</summary>
    public int ParentOf(int node) => _parents[node];

    private void Link(int message, ReadOnlySpan<int> references)
    {
        var previous = None;
        foreach (var id in references)
        {
            var node = NodeOf(id);
            if (previous != None && _parents[node] == None && MayLink(previous, node)) _parents[node] = previous;
            previous = node;
        }

        // The last reference is the parent, whatever the references of other messages say.
        if (_parents[message] == previous) return;
        _parents[message] = None;
        if (previous != None && MayLink(previous, message)) _parents[message] = previous;
    }

    private int NodeOf(int id)
    {
        ref var node = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, id, out var isKnown);
        if (isKnown) return node;
        node = _parents.Count;
        _parents.Add(None);
        return node;
    }

    /// <summary>False if the link would close a loop.</summary>
    private bool MayLink(int parent, int child)
    {
        for (var at = parent; at != None; at = _parents[at])
            if (at == child || --_steps < 0) return false;
        return true;
    }
}
