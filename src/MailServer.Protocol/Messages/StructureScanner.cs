using MailServer.Domain;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Finds the parts of a message in one pass (RFC 2046 §5.1). Only lines that begin with two hyphens are examined. A delimiter line is the boundary
/// alone, with <c>--</c> after the last part, and may have trailing white space. If a line matches several open multiparts, the innermost wins. A
/// delimiter of an outer multipart closes all inner ones, so a missing close delimiter affects only its own multipart.
/// </summary>
internal sealed class StructureScanner(ContentWindow window, Limits limits, PartDescriber describer, WireBuilder? cachedHeaders)
{
    private readonly DelimiterFinder _delimiters = new(window);
    private int _parts;

    public MimePart Scan()
    {
        var message = new MimePart(0);
        ScanEntity(message, depth: 0, isMessage: true, inDigest: false);
        return message;
    }

    private bool HasRoom => _parts < limits.MaxMimeParts && describer.HasRoom;

    private Delimiter ScanEntity(MimePart part, int depth, bool isMessage, bool inDigest)
    {
        _parts++;
        part.BodyOffset = _delimiters.FindHeaderEnd(part.HeaderOffset);
        var linesBefore = _delimiters.Lines;
        ReadHeader(part, depth, isMessage, inDigest);
        var end = part.Kind switch
        {
            PartKind.Multipart => ScanMultipart(part, depth),
            PartKind.Message => ScanMessage(part, depth),
            _ => _delimiters.Find(part.BodyOffset, precedingEol: 0),
        };
        Close(part, end, linesBefore);
        if (part is { Kind: PartKind.Multipart, Children.Count: 0 }) AddOnlyChild(part);
        return end;
    }

    private void ReadHeader(MimePart part, int depth, bool isMessage, bool inDigest)
    {
        var length = (int)Math.Min(part.BodyOffset - part.HeaderOffset, limits.MaxHeaderSize);
        var section = window.Peek(part.HeaderOffset, length)[..length];
        var header = new HeaderValues(section, depth == 0 ? cachedHeaders : null);
        describer.Read(part, header, isMessage, inDigest, mayNest: depth < limits.MaxMimeDepth && HasRoom);
    }

    private Delimiter ScanMultipart(MimePart part, int depth)
    {
        var level = _delimiters.Open(part.Boundary!);
        var found = _delimiters.Find(part.BodyOffset, precedingEol: 0);
        while (found.Level == level && !found.IsLast && HasRoom)
        {
            var child = new MimePart(found.Next);
            part.Children.Add(child);
            found = ScanEntity(child, depth + 1, isMessage: false, part.IsDigest);
        }

        _delimiters.Close();
        // The epilogue, and any parts beyond the limit, belong only to the multipart itself.
        return found.Level == level ? _delimiters.Find(found.Next, found.Eol) : found;
    }

    private Delimiter ScanMessage(MimePart part, int depth)
    {
        var message = new MimePart(part.BodyOffset);
        part.Children.Add(message);
        return ScanEntity(message, depth + 1, isMessage: true, inDigest: false);
    }

    /// <summary>IMAP does not allow a multipart without parts: without any delimiter, the whole body becomes its only part.</summary>
    private void AddOnlyChild(MimePart part)
    {
        var child = new MimePart(part.BodyOffset) { BodyOffset = part.BodyOffset, BodyLength = part.BodyLength, Lines = part.Lines };
        describer.Read(child, new HeaderValues(default, null), isMessage: false, inDigest: false, mayNest: false);
        part.Children.Add(child);
    }

    private static void Close(MimePart part, in Delimiter end, long linesBefore)
    {
        part.BodyLength = end.ContentEnd - part.BodyOffset;
        part.Lines = end.ContentLines - linesBefore;
    }
}
