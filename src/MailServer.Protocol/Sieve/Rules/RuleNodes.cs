using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>Makes the parts of a syntax tree, and takes them apart.</summary>
internal static class RuleNodes
{
    public static SieveNode Node(string name, params ReadOnlySpan<SieveArgument> arguments)
    {
        var node = new SieveNode(name, 0);
        foreach (var argument in arguments) node.Arguments.Add(argument);
        return node;
    }

    public static SieveNode WithTests(this SieveNode node, bool isList, params IEnumerable<SieveNode> tests)
    {
        node.HasTestList = isList;
        node.Tests.AddRange(tests);
        return node;
    }

    public static SieveNode WithBlock(this SieveNode node, IEnumerable<SieveNode> commands)
    {
        node.Block = [.. commands];
        return node;
    }

    public static SieveArgument Tag(string name) => new(SieveArgumentKind.Tag, 0, name, 0, []);

    public static SieveArgument Number(long value) => new(SieveArgumentKind.Number, 0, "", value, []);

    public static SieveArgument Text(string value) => new(SieveArgumentKind.Text, 0, "", 0, [new SieveString(value, 0)]);

    public static SieveArgument Texts(params IEnumerable<string> values) => new(SieveArgumentKind.TextList, 0, "", 0, [.. values.Select(static v => new SieveString(v, 0))]);

    /// <summary>The single string of an argument, which may be written as a list; null for anything else.</summary>
    public static string? One(this SieveArgument argument) => argument.Kind is SieveArgumentKind.Text or SieveArgumentKind.TextList && argument.Texts is [var only] ? only.Value : null;

    public static bool IsTag(this SieveArgument argument, string name) => argument.Kind == SieveArgumentKind.Tag && argument.Tag.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>True if a command has neither tests nor a block.</summary>
    public static bool IsPlain(this SieveNode node) => node.Tests.Count == 0 && node.Block is null && !node.HasTestList;

    /// <summary>The tests of <c>allof</c> or <c>anyof</c>; null for another test.</summary>
    public static IReadOnlyList<SieveNode>? ListOf(this SieveNode test, string name) => test.Is(name) && test.Arguments.Count == 0 ? test.Tests : null;
}
