using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Annotations;

/// <summary>The names and options of GETMETADATA (RFC 5464 §4.2).</summary>
internal sealed record AnnotationSelection(IReadOnlyList<string> Names, AnnotationDepth Depth = AnnotationDepth.Itself, uint? MaxSize = null)
{
    /// <summary>getmetadata-options, if they come next. The examples of the RFC have them after the folder, its grammar before it.</summary>
    public static bool ReadOptions(ref ImapReader reader, ref AnnotationSelection selection)
    {
        if (reader.Rest is not [(byte)'(', >= (byte)'A', ..]) return true;
        reader.TryRead((byte)'(');
        do
        {
            if (reader.TryReadWord("MAXSIZE "u8))
            {
                if (!reader.ReadNumber(out var size)) return false;
                selection = selection with { MaxSize = size };
            }
            else
            {
                if (!reader.TryReadWord("DEPTH "u8) || ReadDepth(ref reader) is not { } depth) return false;
                selection = selection with { Depth = depth };
            }
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')') && reader.ReadSpace();
    }

    /// <summary>The entries to tell: those that exist, and those that were asked for by their whole name, in that order.</summary>
    /// <param name="found">The entries that exist.</param>
    /// <param name="longest">The size of the largest entry that is too large for the client; 0 if none is.</param>
    public IReadOnlyList<Annotation> Complete(IReadOnlyList<Annotation> found, out long longest)
    {
        longest = found.Where(TooLarge).Select(static e => (long)e.Value!.Value.Length).DefaultIfEmpty().Max();
        var told = found.Where(e => !TooLarge(e));
        if (Depth != AnnotationDepth.Itself) return [.. told];
        var missing = Names.Except(found.Select(static e => e.Name), StringComparer.OrdinalIgnoreCase);
        return [.. told, .. missing.Select(static name => new Annotation(name, null))];
    }

    private bool TooLarge(Annotation entry) => entry.Value is { } value && value.Length > MaxSize;

    private static AnnotationDepth? ReadDepth(ref ImapReader reader)
    {
        if (reader.TryReadWord("0"u8)) return AnnotationDepth.Itself;
        if (reader.TryReadWord("1"u8)) return AnnotationDepth.Children;
        return reader.TryReadWord("INFINITY"u8) ? AnnotationDepth.All : null;
    }
}
