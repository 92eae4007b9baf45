using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MailServer.Domain.Addresses;
using MailServer.Domain.Formatting;
using MailServer.Hosting;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>
/// The rows that a command prints: on a terminal a table, or a block of lines for each row where a table would break words; elsewhere tab-separated lines
/// without a heading, or JSON.
/// </summary>
internal sealed class Listing(params string[] columns)
{
    private readonly List<object[]> _rows = [];

    /// <summary>What a person reads in place of an empty table.</summary>
    public const string Empty = "(none)";

    // The border, and the space on both sides of each cell.
    private const int ColumnFrame = 3;

    /// <summary>True if cells are domains and addresses of this server. On a terminal internationalised ones are shown in Unicode; programs get the form that DNS uses.</summary>
    public bool HasDomains { get; init; }

    /// <summary>Adds a row. Cells are strings, numbers, booleans, times or lists of strings.</summary>
    public void Add(params object[] cells) => _rows.Add(cells);

    public void Write(Shell shell, bool json)
    {
        if (json) shell.Terminal.WriteJson(ToJson());
        else if (shell.OutIsTerminal && _rows.Count == 0) shell.Terminal.WriteLine(Empty);
        else if (shell.OutIsTerminal) WriteForPeople(shell.Terminal, HasDomains ? [.. _rows.Select(static r => r.Select(InUnicode).ToArray())] : _rows);
        else foreach (var row in _rows) shell.Terminal.WriteRow(row.Select(Plain));
    }

    /// <summary>
    /// Writes the rows collected so far and clears them, for lists read page by page. JSON output of all pages is one array; each page is a table of its own.
    /// </summary>
    public void WritePart(Shell shell, bool json, bool isFirst, bool isLast)
    {
        if (json) WriteJsonPart(shell.Terminal, isFirst, isLast);
        else if (_rows.Count > 0 || isFirst) Write(shell, json: false);
        _rows.Clear();
    }

    private void WriteJsonPart(Terminal terminal, bool isFirst, bool isLast)
    {
        // Without the brackets of the array.
        var rows = ToJson()[1..^1].Trim('\n');
        var (begins, continues) = (isFirst ? "[\n" : "", !isFirst && rows.Length > 0 ? "," : "");
        terminal.WriteJson(begins + continues + rows + (isLast ? "\n]" : ""));
    }

    private void WriteForPeople(Terminal terminal, List<object[]> rows)
    {
        if (FitsTable(rows, terminal.Width)) WriteTable(terminal, rows);
        else WriteLines(terminal, rows);
    }

    private static object InUnicode(object cell) => cell switch
    {
        string text => InUnicode(text),
        IEnumerable<string> list => list.Select(InUnicode).ToArray(),
        _ => cell,
    };

    private static string InUnicode(string text) => text[..(text.LastIndexOf('@') + 1)] + UnicodeDomain.Of(text[(text.LastIndexOf('@') + 1)..]);

    private void WriteTable(Terminal terminal, List<object[]> rows)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in columns) table.AddColumn(new TableColumn(Terminal.Heading(column.Replace('_', ' '))));
        foreach (var row in rows) table.AddRow(row.Select(static c => c is IEnumerable<string> list ? Terminal.Cell(list) : Terminal.Cell(Plain(c))));
        terminal.Console.Write(table);
    }

    /// <summary>Whether a table of this width breaks lines only at spaces.</summary>
    private bool FitsTable(List<object[]> rows, int width) =>
        1 + columns.Select((name, i) => ColumnFrame + rows.Select(row => LongestWord(row[i])).Append(LongestWord(name.Replace('_', ' '))).Max()).Sum() <= width;

    private static int LongestWord(object cell) => OutputEscaping.Escape(Plain(cell)).Split(' ').Max(static word => word.GetCellWidth());

    /// <summary>Writes one line per cell that is not empty, and a blank line between rows. With two columns the first is the label of the second.</summary>
    private void WriteLines(Terminal terminal, List<object[]> rows)
    {
        foreach (var (number, row) in rows.Index())
        {
            if (columns.Length == 2)
            {
                terminal.WriteField(Plain(row[0]), Plain(row[1]));
                continue;
            }

            if (number > 0) terminal.WriteLine("");
            foreach (var (column, cell) in columns.Zip(row, static (name, cell) => (name, Plain(cell))))
                if (cell.Length > 0) terminal.WriteField(column.Replace('_', ' '), cell);
        }
    }

    private string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (var row in _rows)
            {
                writer.WriteStartObject();
                for (var i = 0; i < columns.Length; i++)
                {
                    writer.WritePropertyName(columns[i]);
                    WriteCell(writer, row[i]);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCell(Utf8JsonWriter writer, object cell)
    {
        switch (cell)
        {
            case bool value:
                writer.WriteBooleanValue(value);
                break;
            case int or long:
                writer.WriteNumberValue(Convert.ToInt64(cell, CultureInfo.InvariantCulture));
                break;
            case IEnumerable<string> list:
                writer.WriteStartArray();
                foreach (var item in list) writer.WriteStringValue(item);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(Plain(cell));
                break;
        }
    }

    private static string Plain(object cell) => cell switch
    {
        bool value => value ? "yes" : "no",
        DateTimeOffset date => UtcText.Of(date),
        string text => text,
        IEnumerable<string> list => string.Join(' ', list),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
    };
}
