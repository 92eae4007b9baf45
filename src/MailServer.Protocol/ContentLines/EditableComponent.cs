using System.Buffers;
using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>An editable component. Unchanged lines are written as they were stored.</summary>
internal sealed class EditableComponent(string name)
{
    private static readonly ContentLineLimits Limits = new();

    public string Name { get; } = name;

    public List<ContentLine> Lines { get; private init; } = [];

    public List<EditableComponent> Components { get; private init; } = [];

    public static EditableComponent Of(ContentComponent component) => new(component.Name)
    {
        Lines = [.. component.Lines],
        Components = [.. component.Components.Select(Of)],
    };

    public EditableComponent Copy() => new(Name) { Lines = [.. Lines], Components = [.. Components.Select(c => c.Copy())] };

    /// <summary>The properties of the component and of all components inside it.</summary>
    public IEnumerable<ContentLine> AllLines => Lines.Concat(Components.SelectMany(c => c.AllLines));

    public ContentLine? Line(string property) => Lines.Find(l => l.Name == property);

    public IEnumerable<ContentLine> LinesNamed(string property) => Lines.Where(l => l.Name == property);

    public string? Text(string property) => Line(property) is { } line ? ContentText.Unescape(line.Text) : null;

    /// <summary>Replaces the first line with the same name, or appends the line.</summary>
    public void Set(string text)
    {
        var line = Parse(text);
        var index = Lines.FindIndex(l => l.Name == line.Name);
        if (index < 0) Lines.Add(line);
        else Lines[index] = line;
    }

    public void Add(string text) => Lines.Add(Parse(text));

    public void Remove(params ReadOnlySpan<string> properties)
    {
        foreach (var property in properties) Lines.RemoveAll(l => l.Name == property);
    }

    /// <summary>Transforms each line with a name; a null result removes the line.</summary>
    public void Change(string property, Func<ContentLine, ContentLine?> change)
    {
        for (var i = Lines.Count - 1; i >= 0; i--)
        {
            if (Lines[i].Name != property) continue;
            if (change(Lines[i]) is { } changed) Lines[i] = changed;
            else Lines.RemoveAt(i);
        }
    }

    public void Write(ContentWriter output)
    {
        output.Begin(Name);
        foreach (var line in Lines) output.WriteStored(line.Raw.Span);
        foreach (var component in Components) component.Write(output);
        output.End(Name);
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        Write(new ContentWriter(output));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The line with a parameter set, or removed if the value is null.</summary>
    public static ContentLine With(ContentLine line, string parameter, string? value)
    {
        if (value is null && line.Parameter(parameter) is null) return line;
        var parameters = line.Parameters.ToList();
        var index = parameters.FindIndex(p => p.Name == parameter);
        if (value is null) parameters.RemoveAll(p => p.Name == parameter);
        else if (index >= 0) parameters[index] = new ContentParameter(parameter, [value]);
        else parameters.Add(new ContentParameter(parameter, [value]));
        return Make(line.Name, parameters, line.Text);
    }

    /// <summary>The line with a parameter of several values, or without the parameter if there are none.</summary>
    public static ContentLine WithAll(ContentLine line, string parameter, IReadOnlyList<string> values)
    {
        if (values.Count == 0) return With(line, parameter, null);
        return Make(line.Name, line.Parameters.Where(p => p.Name != parameter).Append(new ContentParameter(parameter, values)), line.Text);
    }

    public static ContentLine Without(ContentLine line, params ReadOnlySpan<string> parameters)
    {
        foreach (var parameter in parameters) line = With(line, parameter, null);
        return line;
    }

    /// <summary>A line with the same parameters and value but another name.</summary>
    public static ContentLine Renamed(ContentLine line, string property) => Make(property, line.Parameters, line.Text);

    public static ContentLine Make(string property, IEnumerable<ContentParameter> parameters, string value)
    {
        var text = new StringBuilder(property);
        foreach (var parameter in parameters) ContentWriter.Append(text, parameter);
        return Parse(text.Append(':').Append(value).ToString());
    }

    private static ContentLine Parse(string text)
    {
        var raw = new ArrayBufferWriter<byte>();
        new ContentWriter(raw).WriteLine(text);
        return ContentLineParser.Parse(raw.WrittenMemory, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\\n")), Limits, out var fault)
            ?? throw new FormatException($"not a content line: {fault}");
    }
}
