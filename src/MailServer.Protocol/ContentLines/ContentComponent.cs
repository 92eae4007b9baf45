namespace MailServer.Protocol.ContentLines;

/// <summary>A component: the properties and nested components between BEGIN and END, in order.</summary>
public sealed class ContentComponent
{
    /// <summary>The component name in upper case: VCALENDAR, VEVENT, VCARD.</summary>
    public required string Name { get; init; }

    /// <summary>The stored octets from BEGIN to END, inclusive.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    public required IReadOnlyList<ContentLine> Lines { get; init; }

    public required IReadOnlyList<ContentComponent> Components { get; init; }

    /// <summary>The first property with this name; null if there is none.</summary>
    public ContentLine? Line(string name)
    {
        foreach (var line in Lines)
        {
            if (string.Equals(line.Name, name, StringComparison.Ordinal))
                return line;
        }

        return null;
    }

    /// <summary>The unescaped value of the first property with this name; null if there is none.</summary>
    public string? TextOf(string name) => Line(name) is { } line ? ContentText.Unescape(line.Text) : null;

    /// <summary>The properties of the component and of all components inside it.</summary>
    public IEnumerable<ContentLine> AllLines => Lines.Concat(Components.SelectMany(c => c.AllLines));

    /// <summary>The properties with this name.</summary>
    public IEnumerable<ContentLine> LinesNamed(string name) => Lines.Where(l => string.Equals(l.Name, name, StringComparison.Ordinal));

    /// <summary>The directly nested components with this name.</summary>
    public IEnumerable<ContentComponent> ComponentsNamed(string name) => Components.Where(c => string.Equals(c.Name, name, StringComparison.Ordinal));
}
