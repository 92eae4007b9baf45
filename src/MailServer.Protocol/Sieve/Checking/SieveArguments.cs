using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>
/// The arguments of one command or test while they are checked. A rule takes the tags that it knows, in any order, and then the other arguments in
/// theirs; whatever nobody took is an error.
/// </summary>
internal sealed class SieveArguments
{
    private readonly SieveNode _node;
    private readonly bool[] _taken;
    private readonly bool _hasTags;
    private readonly List<string> _tags = [];
    private int _firstWithoutTag = int.MaxValue;
    private bool _takesTests;
    private bool _takesBlock;

    public SieveArguments(SieveNode node, SieveChecker checker)
    {
        _node = node;
        Checker = checker;
        _taken = new bool[node.Arguments.Count];
        _hasTags = node.Arguments.Exists(static a => a.Kind == SieveArgumentKind.Tag);
    }

    public SieveChecker Checker { get; }

    public string Name => _node.Name;

    public int Offset => _node.Offset;

    /// <summary>The number of arguments that are neither tags nor taken yet.</summary>
    public int Left => Enumerable.Range(0, _taken.Length).Count(i => !_taken[i] && _node.Arguments[i].Kind != SieveArgumentKind.Tag);

    /// <summary>Whether a tag is there.</summary>
    /// <param name="tag">The tag without its colon.</param>
    /// <param name="extension">The extension that it belongs to; null if the rule's own.</param>
    public bool Flag(string tag, string? extension = null) => Take(tag, extension) >= 0;

    /// <summary>The one of several tags that is there; null if none is.</summary>
    public string? OneOf(string? extension, params ReadOnlySpan<string> tags)
    {
        string? found = null;
        foreach (var tag in tags)
        {
            var at = Take(tag, extension);
            if (at < 0) continue;
            if (found is not null) Error(_node.Arguments[at].Offset, $"':{tag}' and ':{found}' exclude each other");
            found ??= tag;
        }

        return found;
    }

    public SieveText? TextTag(string tag, string? extension = null) => Value(tag, extension, SieveArgumentKind.Text) is { } value ? Checker.Text(value.Texts[0]) : null;

    public string? ConstantTag(string tag, string? extension = null) => Value(tag, extension, SieveArgumentKind.Text) is { } value ? Constant(value) : null;

    public IReadOnlyList<SieveText>? ListTag(string tag, string? extension = null) =>
        Value(tag, extension, SieveArgumentKind.TextList) is { } value ? Checker.Texts(value.Texts) : null;

    public long? NumberTag(string tag, string? extension = null) => Value(tag, extension, SieveArgumentKind.Number)?.Number;

    /// <summary>The next argument, a string.</summary>
    public SieveText Text(string what) => Next(SieveArgumentKind.Text, what) is { } value ? Checker.Text(value.Texts[0]) : new SieveText("");

    /// <summary>The next argument, a string without variables.</summary>
    public string ConstantText(string what) => Next(SieveArgumentKind.Text, what) is { } value ? Constant(value) : "";

    /// <summary>The next argument, a string or a list of strings.</summary>
    public IReadOnlyList<SieveText> Texts(string what) => Next(SieveArgumentKind.TextList, what) is { } value ? Checker.Texts(value.Texts) : [];

    public long Number(string what) => Next(SieveArgumentKind.Number, what)?.Number ?? 0;

    /// <summary>The only test of a command.</summary>
    public SieveTest Test()
    {
        _takesTests = true;
        if (_node.Tests.Count == 1 && !_node.HasTestList) return Checker.CheckTest(_node.Tests[0]);
        Error(_node.Tests.Count == 0 ? Offset : _node.Tests[0].Offset, $"'{Name}' takes one test", _node.HasTestList ? "use allof or anyof for several" : null);
        return new FaultTest("");
    }

    public IReadOnlyList<SieveTest> TestList()
    {
        _takesTests = true;
        if (!_node.HasTestList) Error(Offset, $"'{Name}' takes a list of tests in parentheses");
        return [.. _node.Tests.Select(Checker.CheckTest)];
    }

    public IReadOnlyList<SieveCommand> Block()
    {
        _takesBlock = true;
        if (_node.Block is not null) return Checker.CheckBlock(_node.Block);
        Error(Offset, $"'{Name}' takes a block of commands", "write it in { }");
        return [];
    }

    public void Error(int offset, string message, string? suggestion = null) => Checker.Errors.Add(offset, message, suggestion);

    public void Error(string message, string? suggestion = null) => Error(Offset, message, suggestion);

    /// <summary>The place of the last argument that is not a tag.</summary>
    public int OffsetOfLast => _node.Arguments.Count == 0 ? Offset : _node.Arguments[^1].Offset;

    /// <summary>Reports what nobody took.</summary>
    public void End()
    {
        for (var i = 0; i < _taken.Length; i++)
        {
            var argument = _node.Arguments[i];
            if (_taken[i] && (argument.Kind != SieveArgumentKind.Tag || i < _firstWithoutTag)) continue;
            if (_taken[i])
            {
                Error(argument.Offset, $"':{argument.Tag}' must stand before the arguments without a tag");
                break;
            }

            if (argument.Kind == SieveArgumentKind.Tag)
            {
                Checker.Errors.Add(argument.Offset, $"'{Name}' does not know the tag ':{argument.Tag}'", Suggestions.For(argument.Tag, _tags, ":"), canBeDeferred: true);
                // The tag may have had a value, so that the other arguments say nothing.
                break;
            }

            Error(argument.Offset, $"'{Name}' does not expect {argument.Describe()} here");
            break;
        }

        if (_node.Tests.Count > 0 && !_takesTests) Error(_node.Tests[0].Offset, $"'{Name}' takes no test", _node.Block is null ? "a ';' may be missing before it" : null);
        if (_node.Block is not null && !_takesBlock) Error(Offset, $"'{Name}' takes no block");
    }

    /// <summary>Marks a tag as taken; its index, or -1.</summary>
    private int Take(string tag, string? extension)
    {
        if (!_hasTags) return -1;
        _tags.Add(tag);
        var found = -1;
        for (var i = 0; i < _taken.Length; i++)
        {
            var argument = _node.Arguments[i];
            if (_taken[i] || argument.Kind != SieveArgumentKind.Tag || !argument.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase)) continue;
            if (found >= 0)
            {
                Error(argument.Offset, $"':{tag}' is given twice");
                _taken[i] = true;
                continue;
            }

            found = i;
            _taken[i] = true;
            if (extension is not null) Checker.Require(extension, argument.Offset, $"':{tag}'");
        }

        return found;
    }

    private SieveArgument? Value(string tag, string? extension, SieveArgumentKind kind)
    {
        var at = Take(tag, extension);
        if (at < 0) return null;
        if (at + 1 < _taken.Length && Fits(_node.Arguments[at + 1], kind))
        {
            _taken[at + 1] = true;
            return _node.Arguments[at + 1];
        }

        Error(_node.Arguments[at].Offset, $"':{tag}' takes {Describe(kind)}");
        return null;
    }

    private SieveArgument? Next(SieveArgumentKind kind, string what)
    {
        for (var i = 0; i < _taken.Length; i++)
        {
            var argument = _node.Arguments[i];
            if (_taken[i] || argument.Kind == SieveArgumentKind.Tag) continue;
            _taken[i] = true;
            _firstWithoutTag = Math.Min(_firstWithoutTag, i);
            if (Fits(argument, kind)) return argument;
            Error(argument.Offset, $"'{Name}' expects {Describe(kind)} here ({what}), not {argument.Describe()}");
            return null;
        }

        Error($"'{Name}' needs {Describe(kind)}: {what}");
        return null;
    }

    private string Constant(SieveArgument argument)
    {
        if (Checker.Text(argument.Texts[0]).Constant is { } constant) return constant;
        Error(argument.Offset, "variables cannot be used here");
        return "";
    }

    // A string stands for a list of one (RFC 5228 §2.4.2.1).
    private static bool Fits(SieveArgument argument, SieveArgumentKind kind) =>
        argument.Kind == kind || (kind == SieveArgumentKind.TextList && argument.Kind == SieveArgumentKind.Text);

    private static string Describe(SieveArgumentKind kind) => kind switch
    {
        SieveArgumentKind.Text => "a string",
        SieveArgumentKind.TextList => "a string or a list of strings",
        _ => "a number",
    };
}
