using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>Checks a syntax tree and makes the program: extensions, names, arguments, constant values.</summary>
internal sealed class SieveChecker(SieveVocabulary vocabulary, SieveErrors errors, SieveLimits limits)
{
    private readonly HashSet<string> _extensions = new(StringComparer.Ordinal);

    public SieveErrors Errors => errors;

    public SieveLimits Limits => limits;

    /// <summary>What the script may ask the caller.</summary>
    public SieveNeeds Needs { get; set; }

    public List<SieveInclude> Includes { get; } = [];

    /// <summary>The names of the loops around the command that is checked, from the outermost; empty for a loop without name.</summary>
    public List<string> Loops { get; } = [];

    public IReadOnlyCollection<string> Extensions => _extensions;

    public bool Has(string extension) => _extensions.Contains(extension);

    /// <summary>Makes an extension available for the rest of the script, after <c>require</c> or a test of <c>ihave</c>.</summary>
    public void Allow(string extension)
    {
        _extensions.Add(extension);
        _extensions.UnionWith(SieveExtensions.Implied(extension));
    }

    /// <summary>Reports that something needs an extension that was not required.</summary>
    public void Require(string extension, int offset, string what)
    {
        if (!Has(extension)) errors.Add(offset, $"{what} needs the extension '{extension}'", $"add require \"{extension}\"; at the top", canBeDeferred: true);
    }

    public IReadOnlyList<SieveCommand> CheckScript(IReadOnlyList<SieveNode> nodes)
    {
        var first = 0;
        while (first < nodes.Count && nodes[first].Is("require")) CheckRequire(nodes[first++]);
        return CheckBlock([.. nodes.Skip(first)]);
    }

    public IReadOnlyList<SieveCommand> CheckBlock(IReadOnlyList<SieveNode> nodes)
    {
        var commands = new List<SieveCommand>(nodes.Count);
        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            if (!node.Is("if"))
            {
                commands.Add(CheckCommand(node));
                continue;
            }

            var branches = 1;
            while (i + branches < nodes.Count && nodes[i + branches].Is("elsif")) branches++;
            if (i + branches < nodes.Count && nodes[i + branches].Is("else")) branches++;
            commands.Add(CheckIf([.. nodes.Skip(i).Take(branches)]));
            i += branches - 1;
        }

        return commands;
    }

    public SieveTest CheckTest(SieveNode node)
    {
        var before = errors.Count;
        SieveTest test = new FaultTest("");
        if (vocabulary.Tests.TryGetValue(node.Name, out var rule))
        {
            CheckExtension(node, rule.Extensions);
            var arguments = new SieveArguments(node, this);
            test = rule.Check(arguments);
            arguments.End();
        }
        else if (node.Name.Length > 0)
        {
            AddUnknown(node, "test", vocabulary.Tests.Keys, vocabulary.Commands.ContainsKey(node.Name) ? "a command" : null);
        }

        if (Has("ihave") && errors.TryDefer(before) is { } message) test = new FaultTest(message);
        (test.Name, test.Offset) = (node.Name, node.Offset);
        return test;
    }

    public SieveText Text(SieveString text)
    {
        var value = text.Value;
        if (Has("encoded-character") && !EncodedCharacters.TryDecode(value, out value, out var error)) errors.Add(text.Offset, error);
        if (!Has("variables")) return new SieveText(value);
        var read = SieveText.Read(value, Has("include"), out var badNamespace);
        if (badNamespace is not null) errors.Add(text.Offset, $"there are no variables of '{badNamespace}'", badNamespace == "global" ? "add require \"include\"; at the top" : null);
        return read;
    }

    public IReadOnlyList<SieveText> Texts(IReadOnlyList<SieveString> texts)
    {
        var read = new SieveText[texts.Count];
        for (var i = 0; i < read.Length; i++) read[i] = Text(texts[i]);
        return read;
    }

    private SieveCommand CheckCommand(SieveNode node)
    {
        var before = errors.Count;
        SieveCommand command = new FaultCommand("");
        if (node.Is("elsif") || node.Is("else"))
        {
            errors.Add(node.Offset, $"'{node.Name}' must follow the block of an 'if' or 'elsif'");
        }
        else if (node.Is("require"))
        {
            errors.Add(node.Offset, "'require' must stand before all other commands", "move it to the top of the script");
        }
        else if (vocabulary.Commands.TryGetValue(node.Name, out var rule))
        {
            CheckExtension(node, rule.Extensions);
            var arguments = new SieveArguments(node, this);
            command = rule.Check(arguments);
            arguments.End();
        }
        else
        {
            AddUnknown(node, "command", [.. vocabulary.Commands.Keys, "if", "elsif", "else", "require"], vocabulary.Tests.ContainsKey(node.Name) ? "a test" : null);
        }

        if (Has("ihave") && errors.TryDefer(before) is { } message) command = new FaultCommand(message);
        (command.Name, command.Offset) = (node.Name, node.Offset);
        return command;
    }

    private IfCommand CheckIf(IReadOnlyList<SieveNode> nodes)
    {
        var branches = new List<IfBranch>(nodes.Count);
        foreach (var node in nodes)
        {
            var arguments = new SieveArguments(node, this);
            var test = node.Is("else") ? null : arguments.Test();
            branches.Add(new IfBranch(test, arguments.Block()));
            arguments.End();
        }

        return new IfCommand(branches) { Name = nodes[0].Name, Offset = nodes[0].Offset };
    }

    private void CheckRequire(SieveNode node)
    {
        var arguments = new SieveArguments(node, this);
        arguments.Texts("the names of extensions");
        arguments.End();
        foreach (var name in node.Arguments.SelectMany(static a => a.Texts))
        {
            if (SieveExtensions.IsKnown(name.Value)) Allow(name.Value);
            else errors.Add(name.Offset, $"the extension '{name.Value}' is not available", UnknownExtension(name.Value));
        }
    }

    private string? UnknownExtension(string name) => vocabulary.Commands.TryGetValue(name, out var rule) && rule.Extensions.Count == 0
        ? $"'{name}' needs no require"
        : name is "imapflags" ? "did you mean 'imap4flags'?" : name is "notify" ? "did you mean 'enotify'?" : Suggestions.For(name, SieveExtensions.All);

    private void CheckExtension(SieveNode node, IReadOnlyList<string> extensions)
    {
        if (extensions.Count > 0 && !extensions.Any(Has)) Require(extensions[0], node.Offset, $"'{node.Name}'");
    }

    private void AddUnknown(SieveNode node, string kind, IEnumerable<string> known, string? other)
    {
        if (other is not null) errors.Add(node.Offset, $"'{node.Name}' is {other}, not a {kind}", kind == "command" ? "write if before it" : null);
        else errors.Add(node.Offset, $"the {kind} '{node.Name}' is not known", Suggestions.For(node.Name, known), canBeDeferred: true);
    }
}
