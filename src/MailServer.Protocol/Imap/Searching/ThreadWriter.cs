using MailServer.Domain.Ordering;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>Writes THREAD responses (RFC 5256 §4): <c>* THREAD (2)(3 6 (4 23)(44 7 96))</c>.</summary>
internal static class ThreadWriter
{
    /// <param name="writer">The output.</param>
    /// <param name="members">The messages of the threads, with the numbers that the client wants.</param>
    public static void Write(ref ImapWriter writer, IReadOnlyList<ThreadMember> members)
    {
        var children = ChildCounts(members);
        var ancestors = new List<Ancestor>();
        writer.Write(members.Count == 0 ? "* THREAD"u8 : "* THREAD "u8);
        for (var at = 0; at < members.Count; at++)
        {
            Leave(ref writer, ancestors, members[at].Depth);
            // A reply is in parentheses if it has siblings.
            var hasParentheses = ancestors.Count == 0 || ancestors[^1].Children > 1;
            var isAfterParent = at > 0 && members[at - 1].Depth < members[at].Depth && members[at - 1].Number != 0;
            if (isAfterParent) writer.Write((byte)' ');
            if (hasParentheses) writer.Write((byte)'(');
            if (members[at].Number != 0) writer.Write(members[at].Number);
            ancestors.Add(new Ancestor(children[at], hasParentheses));
        }

        Leave(ref writer, ancestors, 0);
        writer.EndLine();
    }

    private static int[] ChildCounts(IReadOnlyList<ThreadMember> members)
    {
        var counts = new int[members.Count];
        var path = new List<int>();
        for (var at = 0; at < counts.Length; at++)
        {
            path.RemoveRange(members[at].Depth, path.Count - members[at].Depth);
            if (path.Count > 0) counts[path[^1]]++;
            path.Add(at);
        }

        return counts;
    }

    /// <summary>Closes the parentheses of the messages from <paramref name="depth"/> on.</summary>
    private static void Leave(ref ImapWriter writer, List<Ancestor> ancestors, int depth)
    {
        for (var at = ancestors.Count - 1; at >= depth; at--)
            if (ancestors[at].HasParentheses) writer.Write((byte)')');
        ancestors.RemoveRange(depth, ancestors.Count - depth);
    }

    private readonly record struct Ancestor(int Children, bool HasParentheses);
}
