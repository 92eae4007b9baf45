using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>The public test suites (<c>shared/conformance</c>), which are next to the repository or named by MAILSERVER_SHARED.</summary>
internal static class PublicSuite
{
    public static string? Find(string name)
    {
        var shared = Environment.GetEnvironmentVariable("MAILSERVER_SHARED");
        if (shared is not null) return Existing(Path.Combine(shared, "conformance", name));
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (Existing(Path.Combine(directory.FullName, "shared", "conformance", name)) is { } found) return found;
        return null;
    }

    /// <summary>The documents of a YAML file. Mappings keep every pair, because the suites repeat some names.</summary>
    public static IReadOnlyList<YamlMap> Read(string path)
    {
        // Lines of spaces, which the suites use for an empty value, are no value to this parser.
        using var text = new StringReader(string.Join('\n', File.ReadAllLines(path, Encoding.UTF8).Select(l => string.IsNullOrWhiteSpace(l) ? "" : l)));
        var parser = new Parser(text);
        parser.Consume<StreamStart>();
        var documents = new List<YamlMap>();
        while (parser.TryConsume<DocumentStart>(out _))
        {
            documents.Add((YamlMap)Node(parser));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;

    private static object Node(IParser parser)
    {
        if (parser.TryConsume<Scalar>(out var scalar)) return scalar.Value;
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<object>();
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(parser));
            return items;
        }

        parser.Consume<MappingStart>();
        var pairs = new List<(string, object)>();
        while (!parser.TryConsume<MappingEnd>(out _)) pairs.Add((parser.Consume<Scalar>().Value, Node(parser)));
        return new YamlMap(pairs);
    }
}

internal sealed class YamlMap(List<(string Key, object Value)> pairs)
{
    public IReadOnlyList<(string Key, object Value)> Pairs => pairs;

    public object? Find(string key) => pairs.Find(p => p.Key == key).Value;

    public string Text(string key) => (string)(Find(key) ?? "");

    public YamlMap Map(string key) => (YamlMap)Find(key)!;

    /// <summary>A value that is a scalar or a list.</summary>
    public IReadOnlyList<string> Texts(string key) => Find(key) switch
    {
        List<object> many => [.. many.Cast<string>()],
        string one => [one],
        _ => [],
    };
}

/// <summary>A theory that is skipped by name where its suite is missing.</summary>
internal sealed class SuiteTheoryAttribute : TheoryAttribute
{
    public SuiteTheoryAttribute(string folder) => Skip = PublicSuite.Find(folder) is null ? $"shared/conformance/{folder} is not there (set MAILSERVER_SHARED)" : null;
}
