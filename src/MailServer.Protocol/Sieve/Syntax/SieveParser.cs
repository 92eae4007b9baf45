using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>Parses the generic grammar (RFC 5228 §8.2). After an error it continues with the next command, so that all errors of a script are found.</summary>
internal sealed class SieveParser
{
    private readonly SieveLexer _lexer;
    private readonly SieveErrors _errors;
    private readonly SieveLimits _limits;
    private SieveToken _token;

    private SieveParser(string script, SieveErrors errors, SieveLimits limits, ICollection<SieveComment>? comments)
    {
        _lexer = new SieveLexer(script, errors, comments);
        _errors = errors;
        _limits = limits;
        _token = _lexer.Next();
    }

    /// <summary>The commands of a script. The tree is complete only if no error was added.</summary>
    public static List<SieveNode> Parse(string script, SieveErrors errors, SieveLimits limits, ICollection<SieveComment>? comments = null)
    {
        var parser = new SieveParser(script, errors, limits, comments);
        var commands = new List<SieveNode>();
        while (parser._token.Kind != SieveTokenKind.End && !errors.IsFull)
        {
            parser.ReadCommands(commands, depth: 0);
            if (parser._token.Kind == SieveTokenKind.End) break;
            errors.Add(parser._token.Offset, $"there is nothing that {parser._token.Describe()} could close");
            parser.Advance();
        }

        return commands;
    }

    /// <summary>Whether the script has ended too early for a reason that was reported.</summary>
    private bool IsConsequence => _lexer.IsCutOff && _token.Kind == SieveTokenKind.End;

    private void Advance() => _token = _lexer.Next();

    private void ReadCommands(List<SieveNode> commands, int depth)
    {
        while (_token.Kind != SieveTokenKind.End && !_token.Is('}') && !_errors.IsFull)
        {
            if (_token.Kind == SieveTokenKind.Identifier) commands.Add(ReadCommand(depth));
            else Recover("a command was expected");
        }
    }

    // command = identifier arguments ( ";" / block )
    private SieveNode ReadCommand(int depth)
    {
        var command = new SieveNode(_token.Text, _token.Offset);
        Advance();
        ReadArguments(command, depth: 0);
        if (_token.Is(';')) Advance();
        else if (_token.Is('{')) ReadBlock(command, depth);
        else Recover($"';' or a block was expected after '{command.Name}'", ends: true);
        return command;
    }

    private void ReadBlock(SieveNode command, int depth)
    {
        var start = _token.Offset;
        command.Block = [];
        Advance();
        if (depth >= _limits.MaxNesting)
        {
            _errors.Add(start, $"blocks are nested more than {_limits.MaxNesting} deep");
            SkipBlock();
            return;
        }

        ReadCommands(command.Block, depth + 1);
        if (_token.Is('}')) Advance();
        else if (!IsConsequence) _errors.Add(start, "the block has no end", "close it with }");
    }

    // arguments = *argument [ test / test-list ]
    private void ReadArguments(SieveNode node, int depth)
    {
        while (ReadArgument() is { } argument) node.Arguments.Add(argument);
        if (_token.Is('('))
        {
            node.HasTestList = true;
            Advance();
            do node.Tests.Add(ReadTest(depth + 1));
            while (TryTake(',') && !_errors.IsFull);
            Expect(')', "the list of tests");
        }
        else if (_token.Kind == SieveTokenKind.Identifier)
        {
            node.Tests.Add(ReadTest(depth + 1));
        }
    }

    private SieveNode ReadTest(int depth)
    {
        var test = new SieveNode(_token.Text, _token.Offset);
        if (_token.Kind != SieveTokenKind.Identifier)
        {
            _errors.Add(_token.Offset, $"a test was expected, not {_token.Describe()}");
            return test;
        }

        if (depth > _limits.MaxNesting)
        {
            _errors.Add(_token.Offset, $"tests are nested more than {_limits.MaxNesting} deep");
            SkipTests();
            return test;
        }

        Advance();
        ReadArguments(test, depth);
        return test;
    }

    private SieveArgument? ReadArgument()
    {
        var token = _token;
        switch (token.Kind)
        {
            case SieveTokenKind.Tag:
                Advance();
                return new SieveArgument(SieveArgumentKind.Tag, token.Offset, token.Text, 0, []);
            case SieveTokenKind.Number:
                Advance();
                return new SieveArgument(SieveArgumentKind.Number, token.Offset, "", token.Number, []);
            case SieveTokenKind.Text:
                Advance();
                return new SieveArgument(SieveArgumentKind.Text, token.Offset, "", 0, [new SieveString(token.Text, token.Offset)]);
            case SieveTokenKind.Mark when token.Is('['):
                return ReadList();
            default:
                return null;
        }
    }

    // string-list = "[" string *("," string) "]"
    private SieveArgument ReadList()
    {
        var start = _token.Offset;
        var texts = new List<SieveString>();
        Advance();
        do
        {
            if (_token.Kind != SieveTokenKind.Text)
            {
                _errors.Add(_token.Offset, $"a string was expected, not {_token.Describe()}");
                break;
            }

            texts.Add(new SieveString(_token.Text, _token.Offset));
            Advance();
        }
        while (TryTake(','));

        Expect(']', "the list of strings");
        return new SieveArgument(SieveArgumentKind.TextList, start, "", 0, texts);
    }

    private bool TryTake(char mark)
    {
        if (!_token.Is(mark)) return false;
        Advance();
        return true;
    }

    private void Expect(char mark, string what)
    {
        if (!TryTake(mark) && !IsConsequence) _errors.Add(_token.Offset, $"'{mark}' was expected at the end of {what}, not {_token.Describe()}");
    }

    /// <summary>Reports the token and skips to the next command.</summary>
    /// <param name="expected">What was expected.</param>
    /// <param name="ends">Whether a word on the way begins the next command: then only a semicolon was forgotten.</param>
    private void Recover(string expected, bool ends = false)
    {
        if (_token.Kind != SieveTokenKind.Invalid && !IsConsequence) _errors.Add(_token.Offset, $"{expected}, not {_token.Describe()}");
        if (ends && _token.Kind == SieveTokenKind.Identifier) return;
        while (_token.Kind != SieveTokenKind.End && !_token.Is('}'))
        {
            if (TryTake(';')) return;
            var opens = _token.Is('{');
            Advance();
            if (!opens) continue;
            SkipBlock();
            return;
        }
    }

    /// <summary>Skips the rest of a block whose opening brace has been read.</summary>
    private void SkipBlock()
    {
        for (var open = 1; open > 0 && _token.Kind != SieveTokenKind.End; Advance())
        {
            if (_token.Is('{')) open++;
            if (_token.Is('}')) open--;
        }
    }

    private void SkipTests()
    {
        while (_token.Kind != SieveTokenKind.End && !_token.Is('{') && !_token.Is(';') && !_token.Is('}')) Advance();
    }
}
