using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>
/// One unfolded content line: <c>[group.]NAME;PARAM=value:value</c> (RFC 5545 §3.1, RFC 6350 §3.3).
/// <see cref="Raw"/> is the line as stored, with folds and line end, so that it can be copied unchanged.
/// </summary>
public sealed class ContentLine
{
    /// <summary>The stored octets, including folds and line end.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The vCard group, as written.</summary>
    public string? Group { get; init; }

    /// <summary>The property name in upper case.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<ContentParameter> Parameters { get; init; }

    /// <summary>The unfolded value with escapes.</summary>
    public required ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The unfolded value as a string with escapes.</summary>
    public string Text => field ??= Encoding.UTF8.GetString(Value.Span);

    /// <summary>The first value of the named parameter; null if the parameter is missing.</summary>
    public string? Parameter(string name)
    {
        foreach (var parameter in Parameters)
        {
            if (string.Equals(parameter.Name, name, StringComparison.Ordinal))
                return parameter.Values.Count > 0 ? parameter.Values[0] : "";
        }

        return null;
    }

    public override string ToString() => $"{Name}:{Text}";
}
