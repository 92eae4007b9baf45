namespace MailServer.Domain.Ordering;

/// <summary>THREAD=REFERENCES (RFC 5256 §3). Steps 2 to 6; step 1 is <see cref="ReferenceLinks"/>.</summary>
public sealed class ReferenceThreads
{
    private const int None = -1;

    private readonly IReadOnlyList<ThreadMessage> _messages;
    private readonly ReferenceLinks _links;
    private readonly int[] _anchors;
    private readonly List<List<int>?> _children;
    private readonly List<int> _roots = [];

    private ReferenceThreads(IReadOnlyList<ThreadMessage> messages)
    {
        _messages = messages;
        _links = new ReferenceLinks(messages);
        _anchors = new int[_links.Count];
        Array.Fill(_anchors, None);
        _children = [.. new List<int>?[_links.Count]];
    }

    /// <param name="messages">The messages in mailbox order; the numbers of the result are their positions from 1.</param>
    public static IReadOnlyList<ThreadMember> Build(IReadOnlyList<ThreadMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var threads = new ReferenceThreads(messages);
        threads.Gather();
        threads.MergeSubjects();
        threads.SortAll();
        return threads.Members();
    }

    /// <summary>Steps 2 to 4: the roots in the order of their dates. Dummies remain only as roots with several children.</summary>
    private void Gather()
    {
        for (var message = 0; message < _messages.Count; message++)
        {
            var parent = _links.ParentOf(message);
            if (IsDummy(parent)) parent = AnchorOf(parent);
            if (parent == None) _roots.Add(message);
            else Children(parent).Add(message);
        }

        for (var dummy = _messages.Count; dummy < _links.Count; dummy++)
        {
            if (_children[dummy] is not { } children) continue;
            children.Sort(Compare);
            _roots.Add(children.Count == 1 ? children[0] : dummy);
        }

        _roots.Sort(CompareRoots);
    }

    /// <summary>The node to which the children of a dummy belong: its nearest ancestor that is a message, or else the dummy at the top.</summary>
    private int AnchorOf(int dummy)
    {
        var top = dummy;
        while (_anchors[top] == None && IsDummy(_links.ParentOf(top))) top = _links.ParentOf(top);
        if (_anchors[top] == None) _anchors[top] = _links.ParentOf(top) is not None and var message ? message : top;
        var anchor = _anchors[top];
        for (var at = dummy; _anchors[at] == None; at = _links.ParentOf(at)) _anchors[at] = anchor;
        return anchor;
    }

    /// <summary>Step 5: threads with the same subject become one.</summary>
    private void MergeSubjects()
    {
        var table = SubjectTable();
        var places = new Dictionary<int, int>(_roots.Count);
        for (var at = 0; at < _roots.Count; at++) places[_roots[at]] = at;
        for (var at = 0; at < _roots.Count; at++)
        {
            var root = _roots[at];
            if (SubjectOf(root) is not { Length: > 0 } subject || table[subject] == root) continue;
            var first = table[subject];
            _roots[at] = None;
            if (IsDummy(first))
            {
                if (IsDummy(root)) Children(first).AddRange(Children(root));
                else Children(first).Add(root);
            }
            else if (_messages[root].IsReply && !_messages[first].IsReply)
            {
                Children(first).Add(root);
            }
            else
            {
                var dummy = _children.Count;
                _children.Add([first, root]);
                table[subject] = _roots[places[first]] = dummy;
                places[dummy] = places[first];
            }
        }

        _roots.RemoveAll(static root => root == None);
    }

    /// <summary>For each subject the thread into which the others are merged: a dummy if there is one, or else a message that is not a reply.</summary>
    private Dictionary<string, int> SubjectTable()
    {
        var table = new Dictionary<string, int>(_roots.Count, StringComparer.Ordinal);
        foreach (var root in _roots)
        {
            var subject = SubjectOf(root);
            if (subject.Length == 0 || table.TryAdd(subject, root)) continue;
            var known = table[subject];
            if (!IsDummy(known) && (IsDummy(root) || (_messages[known].IsReply && !_messages[root].IsReply))) table[subject] = root;
        }

        return table;
    }

    /// <summary>Step 6.</summary>
    private void SortAll()
    {
        foreach (var children in _children) children?.Sort(Compare);
        _roots.Sort(CompareRoots);
    }

    private List<ThreadMember> Members()
    {
        var members = new List<ThreadMember>(_messages.Count);
        var waiting = new Stack<(int Node, int Depth)>();
        for (var at = _roots.Count - 1; at >= 0; at--) waiting.Push((_roots[at], 0));
        while (waiting.TryPop(out var next))
        {
            members.Add(new ThreadMember(IsDummy(next.Node) ? 0 : (uint)next.Node + 1, next.Depth));
            if (_children[next.Node] is not { } children) continue;
            for (var at = children.Count - 1; at >= 0; at--) waiting.Push((children[at], next.Depth + 1));
        }

        return members;
    }

    private bool IsDummy(int node) => node >= _messages.Count;

    private List<int> Children(int node) => _children[node] ??= [];

    private string SubjectOf(int root) => _messages[FirstOf(root)].Subject;

    /// <summary>The message that stands for a root: the oldest child of a dummy.</summary>
    private int FirstOf(int root) => IsDummy(root) ? _children[root]![0] : root;

    private int CompareRoots(int left, int right) => Compare(FirstOf(left), FirstOf(right));

    private int Compare(int left, int right) => _messages[left].Sent.CompareTo(_messages[right].Sent) is not 0 and var order ? order : left.CompareTo(right);
}
