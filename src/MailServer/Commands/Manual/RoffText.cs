using System.Text;

namespace MailServer.Commands.Manual;

/// <summary>The source of a manual page, in the macros of man(7).</summary>
internal sealed class RoffText
{
    private readonly StringBuilder _text = new();

    public RoffText(string name, string summary)
    {
        _text.Append($".TH {name.ToUpperInvariant()} 1 \"\" mailserver \"User Commands\"\n.SH NAME\n{Escape(name)} \\- {Escape(Uncapitalized(summary))}\n");
    }

    public void Synopsis(params ReadOnlySpan<string> lines)
    {
        Section("SYNOPSIS");
        var isFirst = true;
        foreach (var line in lines)
        {
            if (!isFirst) _text.Append(".br\n");
            isFirst = false;
            Line(line);
        }
    }

    public void Section(string title) => _text.Append($".SH {Escape(title)}\n");

    public void Subsection(string title) => _text.Append($".SS {Escape(title)}\n");

    public void Paragraph(string text)
    {
        _text.Append(".PP\n");
        Line(text);
    }

    /// <summary>A term and its description.</summary>
    public void Entry(string term, string description)
    {
        _text.Append($".TP\n.B {Escape(term)}\n");
        Line(description);
    }

    /// <summary>A line that is not filled.</summary>
    public void Example(string line)
    {
        _text.Append(".PP\n.nf\n");
        Line(line);
        _text.Append(".fi\n");
    }

    public override string ToString() => _text.ToString();

    private void Line(string text) => _text.Append(Escape(text)).Append('\n');

    /// <summary>Hyphens stay ASCII, so that options can be copied; a leading dot or apostrophe is not a request.</summary>
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
        return escaped.Length > 0 && escaped[0] is '.' or '\'' ? "\\&" + escaped : escaped;
    }

    /// <summary>In lower case, unless it begins with an abbreviation.</summary>
    private static string Uncapitalized(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
