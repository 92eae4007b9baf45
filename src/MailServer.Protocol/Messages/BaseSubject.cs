using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>The base subject of a message (RFC 5256 §2.1): the subject without marks of replies and forwards. The methods are named after the ABNF of §5.</summary>
internal static class BaseSubject
{
    /// <summary>Longer subjects are cut off; the work grows with the square of the length.</summary>
    private const int MaxLength = 1_000;

    private const string ForwardHeader = "[fwd:";
    private const string ForwardTrailer = "(fwd)";

    /// <summary>Extracts the base subject of a decoded subject, and whether the subject marks a reply or forward.</summary>
    public static (string Subject, bool IsReply) Of(string subject)
    {
        var rest = WithSingleSpaces(subject).AsSpan();
        var isReply = false;
        while (true)
        {
            SkipTrailers(ref rest, ref isReply);
            while (SkipLeader(ref rest, ref isReply) || SkipBlobBeforeText(ref rest))
            {
            }

            if (!rest.StartsWith(ForwardHeader, StringComparison.OrdinalIgnoreCase) || rest[^1] != ']') return (rest.ToString(), isReply);
            rest = rest[ForwardHeader.Length..^1];
            isReply = true;
        }
    }

    private static string WithSingleSpaces(string subject)
    {
        var text = new StringBuilder(Math.Min(subject.Length, MaxLength));
        foreach (var c in subject)
        {
            if (text.Length == MaxLength) break;
            if (c is not (' ' or '\t' or '\r' or '\n')) text.Append(c);
            else if (text.Length == 0 || text[^1] != ' ') text.Append(' ');
        }

        return text.ToString();
    }

    // *subj-trailer
    private static void SkipTrailers(ref ReadOnlySpan<char> rest, ref bool isReply)
    {
        while (true)
        {
            rest = rest.TrimEnd(' ');
            if (!rest.EndsWith(ForwardTrailer, StringComparison.OrdinalIgnoreCase)) return;
            rest = rest[..^ForwardTrailer.Length];
            isReply = true;
        }
    }

    // subj-leader = (*subj-blob subj-refwd) / WSP
    private static bool SkipLeader(ref ReadOnlySpan<char> rest, ref bool isReply)
    {
        if (rest.StartsWith(' '))
        {
            rest = rest[1..];
            return true;
        }

        var after = rest;
        while (SkipBlob(ref after))
        {
        }

        if (!SkipReplyMark(ref after)) return false;
        rest = after;
        isReply = true;
        return true;
    }

    // subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
    private static bool SkipReplyMark(ref ReadOnlySpan<char> rest)
    {
        var length = rest.StartsWith("fwd", StringComparison.OrdinalIgnoreCase) ? 3
            : rest.StartsWith("re", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("fw", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
        if (length == 0) return false;
        var after = rest[length..].TrimStart(' ');
        SkipBlob(ref after);
        if (!after.StartsWith(':')) return false;
        rest = after[1..];
        return true;
    }

    // Step 4: a blob, unless nothing would be left.
    private static bool SkipBlobBeforeText(ref ReadOnlySpan<char> rest)
    {
        var after = rest;
        if (!SkipBlob(ref after) || after.IsEmpty) return false;
        rest = after;
        return true;
    }

    // subj-blob = "[" *BLOBCHAR "]" *WSP
    private static bool SkipBlob(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith('[')) return false;
        var end = rest[1..].IndexOfAny('[', ']') + 1;
        if (end == 0 || rest[end] != ']') return false;
        rest = rest[(end + 1)..].TrimStart(' ');
        return true;
    }
}
