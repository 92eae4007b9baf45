using System.Buffers;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Fetching;

/// <summary>The location of a section's octets: in memory, in a range of the message, or nowhere (NIL). For BINARY.SIZE only the size counts.</summary>
internal readonly record struct SectionSource(ReadOnlyMemory<byte>? Octets, MessageContent? Content, SectionRange Range)
{
    /// <summary>The section contains NUL octets, which only a literal8 may contain (RFC 3516 §3).</summary>
    public bool IsBinary { get; init; }

    /// <summary>The size for BINARY.SIZE.</summary>
    public long Size { get; init; }

    /// <summary>The transfer encoding is not known (RFC 3516 §4.3).</summary>
    public bool HasUnknownEncoding { get; init; }

    /// <summary>Ranges up to this size are copied through the session; the driver sends longer ones directly from the message.</summary>
    private const int Small = 16 * 1024;

    public bool IsNil => Octets is null && Content is null;

    /// <param name="section">The section.</param>
    /// <param name="row">The message.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="decoded">Parts of this message that were decoded for other sections.</param>
    public static SectionSource Find(BodySection section, MessageRow row, Limits limits, Dictionary<string, DecodedContent> decoded)
    {
        if (section.IsCached) return InMemory(Filter(row.Headers.Span, section), section);
        if (row.Content is not { } content || !TryFindRange(section, row, content, out var range)) return default;
        if (section.Form != SectionForm.Body) return FindDecoded(section, row, content, range, limits, decoded);
        if (section.Fields is not null)
        {
            var header = content.ReadRange(range.Offset, (int)Math.Min(range.Count, limits.MaxHeaderSize));
            return InMemory(Filter(header, section), section);
        }

        var (skip, count) = Clip(range.Count, section);
        range = new SectionRange(range.Offset + skip, count);
        if (count <= Small) return new SectionSource(content.ReadRange(range.Offset, (int)count), null, default);
        // Detect read errors before the response announces a size.
        content.ReadRange(range.Offset, 1);
        content.ReadRange(range.Offset + count - 1, 1);
        return new SectionSource(null, content, range);
    }

    private static SectionSource FindDecoded(BodySection section, MessageRow row, MessageContent content, SectionRange range, Limits limits, Dictionary<string, DecodedContent> decoded)
    {
        // A client may request many ranges of one part: it is measured once.
        var path = string.Join('.', section.Path);
        if (!decoded.TryGetValue(path, out var part))
        {
            if (EncodingOf(section, row, content, limits) is not { } encoding) return new SectionSource { HasUnknownEncoding = true };
            decoded[path] = part = new DecodedContent(content, range, encoding);
        }

        if (section.Form == SectionForm.BinarySize) return new SectionSource { Size = part.Length };
        var (skip, count) = Clip(part.Length, section);
        var source = count <= Small
            ? new SectionSource(part.ReadRange(skip, (int)count), null, default)
            : new SectionSource(null, part, new SectionRange(skip, count));
        return source with { IsBinary = part.HasNul };
    }

    private static TransferEncoding? EncodingOf(BodySection section, MessageRow row, MessageContent content, Limits limits)
    {
        if (section.IsWhole || !PartTable.TryFind(row.Parts.Span, section.Path, SectionText.Mime, out var header)) return TransferEncoding.Identity;
        return DecodedContent.EncodingOf(content.ReadRange(header.Offset, (int)Math.Min(header.Count, limits.MaxHeaderSize)));
    }

    private static bool TryFindRange(BodySection section, MessageRow row, MessageContent content, out SectionRange range)
    {
        range = new SectionRange(0, content.Length);
        if (section.IsWhole) return true;
        if (!PartTable.TryFind(row.Parts.Span, section.Path, section.Text, out var found)) return false;
        // The part table describes the original file. If the file has shrunk since, never announce octets that do not exist.
        var offset = Math.Min(found.Offset, content.Length);
        range = new SectionRange(offset, Math.Min(found.Count, content.Length - offset));
        return true;
    }

    private static ReadOnlyMemory<byte> Filter(ReadOnlySpan<byte> headers, BodySection section)
    {
        var output = new ArrayBufferWriter<byte>();
        HeaderFields.Filter(headers, section.Fields!, section.Not, output);
        return output.WrittenMemory;
    }

    private static SectionSource InMemory(ReadOnlyMemory<byte> octets, BodySection section)
    {
        var (skip, count) = Clip(octets.Length, section);
        return new SectionSource(octets.Slice((int)skip, (int)count), null, default);
    }

    private static (long Skip, long Count) Clip(long length, BodySection section)
    {
        if (section.Partial is not { } partial) return (0, length);
        var skip = Math.Min(partial.Offset, length);
        return (skip, Math.Min(partial.Count, length - skip));
    }
}
