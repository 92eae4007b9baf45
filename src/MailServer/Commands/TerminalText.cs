using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MailServer.Hosting;

namespace MailServer.Commands;

/// <summary>An interpolated string for a terminal: literal text keeps its line breaks, and every interpolated value is escaped.</summary>
[InterpolatedStringHandler]
internal readonly ref struct TerminalText(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 16));

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted(string? value) => _text.Append(OutputEscaping.Escape(value ?? ""));

    public void AppendFormatted<T>(T value, string? format = null)
    {
        var text = value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString();
        AppendFormatted(text);
    }

    public override string ToString() => _text.ToString();
}
