using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MailServer.Configuration;

/// <summary>A YAML text as flat entries, each with its line.</summary>
internal static class YamlEntries
{
    // A configuration has three levels; a deeper one is a mistake, or made to exhaust the stack.
    private const int MaxDepth = 8;

    public static List<ConfigurationEntry> Read(string text, string file, List<ConfigurationProblem> problems)
    {
        var entries = new List<ConfigurationEntry>();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
                problems.Add(new ConfigurationProblem(file, Line(stream.Documents[1].RootNode), "", "a second document begins here; a configuration is one"));
            if (stream.Documents.Count > 0) Flatten(stream.Documents[0].RootNode, "", file, 0, entries, problems);
        }
        catch (YamlException e)
        {
            problems.Add(new ConfigurationProblem(file, (int)e.Start.Line, "", $"is not valid YAML: {e.InnerException?.Message ?? e.Message}"));
        }

        return entries;
    }

    private static void Flatten(YamlNode node, string path, string file, int depth, List<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        if (depth > MaxDepth)
        {
            problems.Add(new ConfigurationProblem(file, Line(node), path, "is nested too deeply"));
            return;
        }

        switch (node)
        {
            case YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain }:
                break; // "key:" alone leaves the default
            case YamlScalarNode scalar:
                entries.Add(new ConfigurationEntry(path, scalar.Value ?? "", file, Line(scalar)));
                break;
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children)
                    Flatten(value, Join(path, (key as YamlScalarNode)?.Value ?? "?"), file, depth + 1, entries, problems);
                break;
            case YamlSequenceNode sequence:
                for (var i = 0; i < sequence.Children.Count; i++)
                    Flatten(sequence.Children[i], Join(path, i.ToString(CultureInfo.InvariantCulture)), file, depth + 1, entries, problems);
                break;
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static int Line(YamlNode node) => (int)node.Start.Line;
}
