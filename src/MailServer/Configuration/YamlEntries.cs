using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MailServer.Configuration;

/// <summary>Reads YAML text as flat entries, each with its line.</summary>
internal static class YamlEntries
{
    // A valid configuration has three levels; deeper nesting is an error or an attempt to exhaust the stack.
    private const int MaxDepth = 8;

    // YAML aliases can multiply entries.
    private const int MaxEntries = 10_000;

    public static List<ConfigurationEntry> Read(string text, string file, List<ConfigurationProblem> problems)
    {
        try
        {
            if (FindExcess(text) is { } excess)
            {
                problems.Add(new ConfigurationProblem(file, excess.Line, "", excess.Text));
                return [];
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
                problems.Add(new ConfigurationProblem(file, Line(stream.Documents[1].RootNode), "", "starts a second YAML document; a configuration must be a single one"));
            return stream.Documents.Count > 0 ? new Flattener(file, problems).Of(stream.Documents[0].RootNode) : [];
        }
        catch (YamlException e)
        {
            problems.Add(new ConfigurationProblem(file, (int)e.Start.Line, "", $"is not valid YAML: {e.InnerException?.Message ?? e.Message}"));
            return [];
        }
    }

    /// <summary>Checks depth and size before the tree is built, because building it is recursive.</summary>
    private static (int Line, string Text)? FindExcess(string text)
    {
        var parser = new Parser(new StringReader(text));
        var (depth, count) = (0, 0);
        while (parser.MoveNext())
        {
            var line = (int)parser.Current!.Start.Line;
            depth += parser.Current.NestingIncrease;
            // The stream and the document are two levels of their own.
            if (depth > MaxDepth + 2) return (line, "is nested too deeply");
            if (++count > 4 * MaxEntries) return (line, TooMany);
        }

        return null;
    }

    private static string TooMany => string.Create(CultureInfo.InvariantCulture, $"has more than {MaxEntries} entries");

    private static int Line(YamlNode node) => (int)node.Start.Line;

    /// <summary>Flattens one tree. An alias counts each time it is used.</summary>
    private sealed class Flattener(string file, List<ConfigurationProblem> problems)
    {
        private readonly List<ConfigurationEntry> _entries = [];
        private int _visited;
        private bool _isExcessive;

        public List<ConfigurationEntry> Of(YamlNode root)
        {
            Add(root, "", 0);
            return _isExcessive ? [] : _entries;
        }

        private void Add(YamlNode node, string path, int depth)
        {
            if (_isExcessive) return;
            if (depth > MaxDepth || ++_visited > MaxEntries)
            {
                _isExcessive = true;
                problems.Add(new ConfigurationProblem(file, Line(node), path, depth > MaxDepth ? "is nested too deeply" : TooMany));
                return;
            }

            var before = _entries.Count;
            switch (node)
            {
                case YamlScalarNode scalar:
                    _entries.Add(new ConfigurationEntry(path, IsNull(scalar) ? "" : scalar.Value!, file, Line(scalar)));
                    break;
                case YamlMappingNode mapping:
                    foreach (var (key, value) in mapping.Children)
                    {
                        // A key without a value keeps its default.
                        if (!IsNull(value)) Add(value, Join(path, (key as YamlScalarNode)?.Value ?? "?"), depth + 1);
                    }

                    if (_entries.Count == before) AddEmpty(mapping, path, "{}", EntryShape.EmptyMapping);
                    break;
                case YamlSequenceNode sequence:
                    for (var i = 0; i < sequence.Children.Count; i++) Add(sequence.Children[i], Join(path, i.ToString(CultureInfo.InvariantCulture)), depth + 1);
                    if (_entries.Count == before) AddEmpty(sequence, path, "[]", EntryShape.EmptyList);
                    break;
            }
        }

        /// <summary>Records a list or mapping without values, because it is not the same as an absent key. The whole file may be empty.</summary>
        private void AddEmpty(YamlNode node, string path, string text, EntryShape shape)
        {
            if (path.Length > 0) _entries.Add(new ConfigurationEntry(path, text, file, Line(node)) { Shape = shape });
        }

        private static bool IsNull(YamlNode node) => node is YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain };

        private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
    }
}
