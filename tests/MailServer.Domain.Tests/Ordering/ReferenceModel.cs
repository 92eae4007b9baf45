using MailServer.Domain.Ordering;

namespace MailServer.Domain.Tests.Ordering;

/// <summary>THREAD=REFERENCES as RFC 5256 §3 describes it, step by step with objects and without regard to speed.</summary>
internal sealed class ReferenceModel
{
    private readonly List<Node> _all = [];
    private readonly Dictionary<int, Node> _byId = [];
    private readonly Node _root = new(null);

    public static List<ThreadMember> Build(IReadOnlyList<ThreadMessage> messages)
    {
        var model = new ReferenceModel();
        model.Link(messages);
        foreach (var node in model._all.Where(n => n.Parent is null).ToList()) node.MoveTo(model._root);
        foreach (var child in model._root.Children.ToList()) Prune(child, model._root, model._root);
        model._root.SortChildren();
        model.Merge();
        SortBelow(model._root);
        var members = new List<ThreadMember>();
        foreach (var child in model._root.Children) Write(child, 0, members);
        return members;
    }

    private void Link(IReadOnlyList<ThreadMessage> messages)
    {
        foreach (var (message, at) in messages.Select((m, i) => (m, i)))
        {
            var node = new Node((message, at));
            _all.Add(node);
            if (message.Id >= 0) _byId.TryAdd(message.Id, node);
        }

        foreach (var node in _all.ToList())
        {
            Node? previous = null;
            foreach (var id in node.Message!.Value.Message.References.ToArray())
            {
                if (!_byId.TryGetValue(id, out var next))
                {
                    _byId[id] = next = new Node(null);
                    _all.Add(next);
                }

                if (previous is not null && next.Parent is null && !previous.IsWithin(next)) next.MoveTo(previous);
                previous = next;
            }

            node.MoveTo(null);
            if (previous is not null && !previous.IsWithin(node)) node.MoveTo(previous);
        }
    }

    private static void Prune(Node node, Node parent, Node root)
    {
        foreach (var child in node.Children.ToList()) Prune(child, node, root);
        if (!node.IsDummy) return;
        if (ReferenceEquals(parent, root) && node.Children.Count > 1) return;
        foreach (var child in node.Children.ToList()) child.MoveTo(parent);
        node.MoveTo(null);
    }

    private void Merge()
    {
        var table = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var node in _root.Children.Where(n => n.Subject.Length > 0))
        {
            if (!table.TryGetValue(node.Subject, out var known)) table[node.Subject] = node;
            else if (!known.IsDummy && (node.IsDummy || (known.IsReply && !node.IsReply))) table[node.Subject] = node;
        }

        foreach (var node in _root.Children.Where(n => n.Subject.Length > 0).ToList())
        {
            var known = table[node.Subject];
            if (ReferenceEquals(known, node)) continue;
            if (known.IsDummy && node.IsDummy)
            {
                foreach (var child in node.Children.ToList()) child.MoveTo(known);
                node.MoveTo(null);
            }
            else if (known.IsDummy || (node.IsReply && !known.IsReply))
            {
                node.MoveTo(known);
            }
            else
            {
                var dummy = new Node(null);
                dummy.MoveTo(_root);
                known.MoveTo(dummy);
                node.MoveTo(dummy);
                table[node.Subject] = dummy;
            }
        }
    }

    private static void SortBelow(Node node)
    {
        foreach (var child in node.Children) SortBelow(child);
        node.SortChildren();
    }

    private static void Write(Node node, int depth, List<ThreadMember> members)
    {
        members.Add(new ThreadMember(node.IsDummy ? 0 : (uint)node.Message!.Value.At + 1, depth));
        foreach (var child in node.Children) Write(child, depth + 1, members);
    }

    private sealed class Node((ThreadMessage Message, int At)? message)
    {
        public (ThreadMessage Message, int At)? Message => message;

        public bool IsDummy => message is null;

        public Node? Parent { get; private set; }

        public List<Node> Children { get; private set; } = [];

        public bool IsReply => message is { Message.IsReply: true };

        public string Subject => First.Message!.Value.Message.Subject;

        private Node First => IsDummy ? Children[0] : this;

        public bool IsWithin(Node ancestor) => ReferenceEquals(this, ancestor) || Parent?.IsWithin(ancestor) == true;

        public void MoveTo(Node? parent)
        {
            Parent?.Children.Remove(this);
            Parent = parent;
            parent?.Children.Add(this);
        }

        public void SortChildren()
        {
            foreach (var child in Children.Where(c => c.IsDummy)) child.SortChildren();
            Children = [.. Children.OrderBy(c => c.First.Message!.Value.Message.Sent).ThenBy(c => c.First.Message!.Value.At)];
        }
    }
}
