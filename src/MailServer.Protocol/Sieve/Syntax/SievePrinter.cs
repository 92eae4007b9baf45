using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>Writes a syntax tree as a script, one command a line. Parsing the script gives the same tree.</summary>
internal static class SievePrinter
{
    public static string Print(IReadOnlyList<SieveNode> commands)
    {
        var output = new StringBuilder();
        Add(output, commands, indent: 0);
        return output.ToString();
    }

    private static void Add(StringBuilder output, IReadOnlyList<SieveNode> commands, int indent)
    {
        foreach (var command in commands)
        {
            output.Append(' ', indent);
            AddNode(output, command);
            if (command.Block is null)
            {
                output.Append(";\r\n");
                continue;
            }

            output.Append(" {\r\n");
            Add(output, command.Block, indent + 4);
            output.Append(' ', indent).Append("}\r\n");
        }
    }

    private static void AddNode(StringBuilder output, SieveNode node)
    {
        output.Append(node.Name);
        foreach (var argument in node.Arguments) AddArgument(output.Append(' '), argument);
        if (node.Tests.Count == 0) return;
        output.Append(node.HasTestList ? " (" : " ");
        for (var i = 0; i < node.Tests.Count; i++)
        {
            if (i > 0) output.Append(", ");
            AddNode(output, node.Tests[i]);
        }

        if (node.HasTestList) output.Append(')');
    }

    private static void AddArgument(StringBuilder output, SieveArgument argument)
    {
        switch (argument.Kind)
        {
            case SieveArgumentKind.Tag:
                output.Append(':').Append(argument.Tag);
                break;
            case SieveArgumentKind.Number:
                output.Append(argument.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case SieveArgumentKind.Text:
                output.Append(Quote(argument.Texts[0].Value));
                break;
            default:
                output.Append('[').AppendJoin(", ", argument.Texts.Select(static t => Quote(t.Value))).Append(']');
                break;
        }
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
