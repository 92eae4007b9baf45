using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A line of a file with accounts. <paramref name="Fault"/> says why it cannot be used; null if it can.</summary>
/// <param name="Number">The number of the line in the file, from 1.</param>
/// <param name="Text">The address as written.</param>
/// <param name="Address">The address; null if it is none.</param>
/// <param name="Password">The password; empty if none is given.</param>
/// <param name="Quota">The quota in octets; 0 for no limit, null for the quota of the domain.</param>
/// <param name="Fault">Why the line cannot be used.</param>
public sealed record AccountLine(int Number, string Text, EmailAddress? Address, string Password, long? Quota, string? Fault)
{
    /// <summary>Omits the password, because the text may reach a log.</summary>
    public override string ToString() => $"AccountLine {{ Number = {Number}, Text = {Text} }}";
}

/// <summary>
/// Reads a file with accounts (CSV): a line for each, with the columns <c>address</c>, <c>password</c> and <c>quota</c>, separated by commas or semicolons. A first line that names
/// columns selects them and their order. Cells may be quoted; empty lines and lines that begin with <c>#</c> are ignored.
/// </summary>
public static class AccountFile
{
    private static readonly string[] Names = ["address", "password", "quota"];

    public static IReadOnlyList<AccountLine> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rows = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n').Select(static (line, i) => (Number: i + 1, Line: line)).Where(static l => l.Line.Trim() is { Length: > 0 } and not ['#', ..]).ToList();
        if (rows.Count == 0) return [];
        var separator = SeparatorOf(rows[0].Line);
        string[] columns = Names;
        if (Split(rows[0].Line, separator) is { } first && first.Any(static c => Names[0].Equals(c.Trim(), StringComparison.OrdinalIgnoreCase)))
        {
            columns = [.. first.Select(static c => c.Trim().ToLowerInvariant())];
            if (columns.FirstOrDefault(c => !Names.Contains(c, StringComparer.Ordinal)) is { } unknown)
                return [new AccountLine(rows[0].Number, "", null, "", null, $"there is no column '{unknown}'; the columns are {string.Join(", ", Names)}")];
            if (columns.Distinct(StringComparer.Ordinal).Count() != columns.Length)
                return [new AccountLine(rows[0].Number, "", null, "", null, "a column is named twice")];
            rows.RemoveAt(0);
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. rows.Select(row => ReadLine(row.Number, Split(row.Line, separator), columns, seen))];
    }

    private static AccountLine ReadLine(int number, List<string>? cells, string[] columns, Dictionary<string, int> seen)
    {
        if (cells is null) return new AccountLine(number, "", null, "", null, "its quotes are not right: a quoted cell begins and ends with one");
        if (cells.Count > columns.Length) return new AccountLine(number, cells[0].Trim(), null, "", null, $"the line has more cells than columns; the columns are {string.Join(", ", columns)}");
        string Cell(string name) => Array.IndexOf(columns, name) is var i and >= 0 && i < cells.Count ? cells[i] : "";
        var (text, password) = (Cell("address").Trim(), Cell("password"));
        if (!EmailAddress.TryParse(text, out var address)) return new AccountLine(number, text, null, password, null, $"'{text}' is not an email address");
        var fault = seen.TryGetValue(address.Key, out var earlier) ? $"the address is in line {earlier} already" : null;
        seen.TryAdd(address.Key, number);
        return Cell("quota").Trim() switch
        {
            "" => new AccountLine(number, text, address, password, null, fault),
            "none" => new AccountLine(number, text, address, password, 0, fault),
            var size when QuotaSize.TryParse(size, out var octets) => new AccountLine(number, text, address, password, octets, fault),
            var size => new AccountLine(number, text, address, password, null, fault ?? $"'{size}' is not a valid size (500M, 5G, none)"),
        };
    }

    /// <summary>The first line shows what separates cells: the first comma or semicolon outside quotes.</summary>
    private static char SeparatorOf(string line)
    {
        var isQuoted = false;
        foreach (var c in line)
        {
            if (c == '"') isQuoted = !isQuoted;
            else if (c is ',' or ';' && !isQuoted) return c;
        }

        return ',';
    }

    /// <summary>The cells of a line; null if a quote is not closed, or if text follows it. A doubled quote inside quotes is one.</summary>
    private static List<string>? Split(string line, char separator)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (isQuoted, isClosed) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"' when isQuoted && i + 1 < line.Length && line[i + 1] == '"':
                    cell.Append('"');
                    i++;
                    break;
                case '"' when isQuoted:
                    (isQuoted, isClosed) = (false, true);
                    break;
                case '"' when !isClosed && cell.ToString().Trim().Length == 0:
                    cell.Clear();
                    isQuoted = true;
                    break;
                case var c when c == separator && !isQuoted:
                    cells.Add(cell.ToString());
                    cell.Clear();
                    isClosed = false;
                    break;
                case var c when isClosed:
                    if (!char.IsWhiteSpace(c)) return null;
                    break;
                case var c:
                    cell.Append(c);
                    break;
            }
        }

        cells.Add(cell.ToString());
        return isQuoted ? null : cells;
    }
}
