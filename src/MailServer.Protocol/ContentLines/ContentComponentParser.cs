namespace MailServer.Protocol.ContentLines;

/// <summary>Parses the components of a text, with limits on size, lines and nesting.</summary>
public static class ContentComponentParser
{
    /// <summary>Reads the top-level components of <paramref name="text"/>. False with <paramref name="fault"/> set if the text is malformed or has no component.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> text, ContentLineLimits limits, out IReadOnlyList<ContentComponent> components, out ContentLineFault? fault)
    {
        components = [];
        if (text.Length > limits.MaxText)
        {
            fault = new ContentLineFault(ContentLineFaultKind.TextTooLong, 1);
            return false;
        }

        var builder = new Builder(text, limits.MaxNesting);
        var reader = new ContentLineReader(text, limits);
        while (reader.Read() is { } line)
        {
            if (builder.Add(line, reader.Position) is { } kind)
            {
                fault = new ContentLineFault(kind, reader.Line);
                return false;
            }
        }

        var end = reader.Fault ?? builder.End();
        fault = end is { } wrong ? new ContentLineFault(wrong, reader.Line) : null;
        components = builder.Roots;
        return fault is null;
    }

    private sealed class Builder(ReadOnlyMemory<byte> text, int maxNesting)
    {
        private readonly Stack<OpenComponent> _open = new();

        public List<ContentComponent> Roots { get; } = [];

        /// <summary>Adds the line that ends before <paramref name="position"/>; returns an error or null.</summary>
        public ContentLineFaultKind? Add(ContentLine line, int position)
        {
            if (line.Name == "BEGIN")
            {
                if (_open.Count == maxNesting)
                    return ContentLineFaultKind.NestedTooDeep;
                _open.Push(new OpenComponent(NameOf(line), position - line.Raw.Length));
                return null;
            }

            if (_open.Count == 0)
                return ContentLineFaultKind.OutsideComponent;
            if (line.Name != "END")
            {
                _open.Peek().Lines.Add(line);
                return null;
            }

            var open = _open.Pop();
            if (open.Name != NameOf(line))
                return ContentLineFaultKind.WrongEnd;
            var siblings = _open.Count == 0 ? Roots : _open.Peek().Components;
            siblings.Add(open.Close(text[open.Start..position]));
            return null;
        }

        public ContentLineFaultKind? End() =>
            _open.Count > 0 ? ContentLineFaultKind.MissingEnd : Roots.Count == 0 ? ContentLineFaultKind.Empty : null;

        private static string NameOf(ContentLine line) => line.Text.Trim().ToUpperInvariant();
    }

    private sealed class OpenComponent(string name, int start)
    {
        public string Name => name;

        public int Start => start;

        public List<ContentLine> Lines { get; } = [];

        public List<ContentComponent> Components { get; } = [];

        public ContentComponent Close(ReadOnlyMemory<byte> raw) => new() { Name = name, Raw = raw, Lines = Lines, Components = Components };
    }
}
