using System.Text;
using CsCheck;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Syntax;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>The grammar (RFC 5228 §8) and the errors of scripts.</summary>
public sealed class SieveSyntaxTests
{
    private static readonly Gen<string> Name = Gen.OneOfConst("if", "keep", "header", "a_1", "_x", "Text");

    private static readonly Gen<string> AnyText = Gen.OneOfConst("", "a", "\"", "\\", "\r\n", ".", "..", "{", "é", "\U0001F600", "${x}", "text:", "*").Array[0, 4].Select(string.Concat);

    private static readonly Gen<SieveArgument> Argument = Gen.OneOf(
        AnyText.Select(t => new SieveArgument(SieveArgumentKind.Text, 0, "", 0, [new SieveString(t, 0)])),
        AnyText.Array[1, 3].Select(t => new SieveArgument(SieveArgumentKind.TextList, 0, "", 0, [.. t.Select(s => new SieveString(s, 0))])),
        Gen.Long[0, long.MaxValue].Select(n => new SieveArgument(SieveArgumentKind.Number, 0, "", n, [])),
        Name.Select(n => new SieveArgument(SieveArgumentKind.Tag, 0, n, 0, [])));

    private static readonly Gen<SieveNode> Node = Gen.Recursive<SieveNode>((depth, node) => Gen.Select(
        Name, Argument.Array[0, 3], depth >= 3 ? Gen.Const(Array.Empty<SieveNode>()) : node.Array[0, 2], depth >= 3 ? Gen.Const(Array.Empty<SieveNode>()) : node.Array[0, 2], Gen.Int[0, 2],
        (name, arguments, tests, block, form) => Make(name, arguments, tests, block, form)));

    private static readonly Gen<string> Scraps = Gen.OneOfConst(
        "require", "if", "elsif", "else", "header", "allof", "not", "keep", "fileinto", "set", "vacation", "foreverypart", "include", "{", "}", "(", ")", "[", "]", ";", ",", "\"", "\\", ":",
        ":contains", ":matches", ":regex", ":flags", ":comparator", "\"i;octet\"", "\"subject\"", "\"variables\"", "\"ihave\"", "\"fileinto\"", "\"${hex:40}\"", "\"${a}\"", "text:\n", "\n.\n", "/*", "*/", "# x\n", "10K", "99999999999999999999",
        " ", "\r\n", "\0", "é", "\u0001", "ihave").Array[0, 40].Select(string.Concat);

    [Theory]
    [InlineData("keep")]
    [InlineData("KEEP;")]
    [InlineData("# only a comment without a line end")]
    [InlineData("/* a * / b */ keep; # end")]
    [InlineData("")]
    [InlineData("\ufeffkeep;")]
    public void Comments_case_and_missing_line_ends_are_accepted(string script)
    {
        if (script == "keep") Assert.Equal("1:5: ';' or a block was expected after 'keep', not the end of the script", Error(script));
        else Compile(script);
    }

    [Theory]
    [InlineData("\"a\\\"b\\\\c\\d\"", "a\"b\\cd")]
    [InlineData("text:\r\nline\r\n..dot\r\n.\r\n", "line\r\n.dot\r\n")]
    [InlineData("text: # comment\nline\n.\n", "line\r\n")]
    [InlineData("TEXT:\n.\n", "")]
    [InlineData("\"a\nb\"", "a\r\nb")]
    public void Strings_are_read(string written, string meant) => Assert.Equal(meant, Assert.Single(Parse($"x {written};")[0].Arguments).Texts[0].Value);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("3K", 3_072)]
    [InlineData("1m", 1_048_576)]
    [InlineData("2G", 2_147_483_648)]
    public void Numbers_have_quantifiers(string written, long meant) => Assert.Equal(meant, Assert.Single(Parse($"x {written};")[0].Arguments).Number);

    [Theory]
    [InlineData("keep;\n\n  \"x\";", "3:3: a command was expected, not a string")]
    [InlineData("keep;\nif true { keep;", "2:9: the block has no end; close it with }")]
    [InlineData("keep \"abc", "1:6: the string has no end; close it with \"")]
    [InlineData("keep; /* abc", "1:7: the comment has no end; close it with */")]
    [InlineData("if size :over 99999999999999999999 { keep; }", "1:15: the number is larger than 9223372036854775807")]
    [InlineData("if header \"a\" [\"b\", { keep; }", "1:21: a string was expected, not '{'")]
    [InlineData("keep\nstop;", "2:1: 'keep' takes no test; a ';' may be missing before it")]
    [InlineData("keep; }", "1:7: '}' closes nothing")]
    [InlineData("\"é\";", "1:1: a command was expected, not a string")]
    [InlineData("/* é😀 */ § keep;", "1:10: '§' is not allowed here")]
    [InlineData("kep;", "1:1: the command 'kep' is not known; did you mean 'keep'?")]
    [InlineData("header \"a\" \"b\";", "1:1: 'header' is a test, not a command; write if before it")]
    [InlineData("if keep { stop; }", "1:4: 'keep' is a command, not a test")]
    [InlineData("if heder \"a\" \"b\" { stop; }", "1:4: the test 'heder' is not known; did you mean 'header'?")]
    [InlineData("if header :contians \"a\" \"b\" { stop; }", "1:11: 'header' does not know the tag ':contians'; did you mean ':contains'?")]
    [InlineData("if header \"a\" { stop; }", "1:4: 'header' needs a string or a list of strings: the keys to compare with")]
    [InlineData("if header \"a\" 1 { stop; }", "1:15: 'header' expects a string or a list of strings here (the keys to compare with), not a number")]
    [InlineData("if header \"a\" \"b\" \"c\" { stop; }", "1:19: 'header' does not expect a string here")]
    [InlineData("if header \"a\" :is \"b\" { stop; }", "1:15: ':is' must stand before the arguments without a tag")]
    [InlineData("if header :is :is \"a\" \"b\" { stop; }", "1:15: ':is' is given twice")]
    [InlineData("if header :is :contains \"a\" \"b\" { stop; }", "1:4: 'header' takes only one match type")]
    [InlineData("if header :comparator \"i;octed\" \"a\" \"b\" { stop; }", "1:4: the comparator 'i;octed' is not available; did you mean 'i;octet'?")]
    [InlineData("fileinto \"a\";", "1:1: 'fileinto' needs the extension 'fileinto'; add require \"fileinto\"; at the top")]
    [InlineData("require \"fileinot\";", "1:9: the extension 'fileinot' is not available; did you mean 'fileinto'?")]
    [InlineData("require [\"redirect\"];", "1:10: the extension 'redirect' is not available; 'redirect' needs no require")]
    [InlineData("require \"imapflags\";", "1:9: the extension 'imapflags' is not available; did you mean 'imap4flags'?")]
    [InlineData("keep; require \"fileinto\";", "1:7: 'require' must stand before all other commands; move it to the top of the script")]
    [InlineData("else { keep; }", "1:1: 'else' must follow the block of an 'if' or 'elsif'")]
    [InlineData("if true { keep; } else { keep; } elsif true { keep; }", "1:34: 'elsif' must follow the block of an 'if' or 'elsif'")]
    [InlineData("if true;", "1:1: 'if' takes a block of commands; write it in { }")]
    [InlineData("if (true, false) { keep; }", "1:5: 'if' takes one test; use allof or anyof for several")]
    [InlineData("if not (true) { keep; }", "1:9: 'not' takes one test; use allof or anyof for several")]
    [InlineData("if allof true { keep; }", "1:4: 'allof' takes a list of tests in parentheses")]
    [InlineData("keep { stop; }", "1:1: 'keep' takes no block")]
    [InlineData("stop true;", "1:6: 'stop' takes no test; a ';' may be missing before it")]
    [InlineData("redirect \"no address\";", "1:10: 'no address' is not an email address")]
    [InlineData("if size 10 { keep; }", "1:4: 'size' needs ':over' or ':under'")]
    [InlineData("if size :over :under 10 { keep; }", "1:15: ':under' and ':over' exclude each other")]
    public void An_error_names_its_place_and_what_would_be_right(string script, string error) => Assert.Equal(error, Error(script));

    [Fact]
    public void All_errors_of_a_script_are_found()
    {
        var errors = Errors("requir \"fileinto\";\nif headr \"a\" \"b\" {\n  kep;\n}\nfileinto \"x\";\nif true { stop }\nredirect \"x y\";");
        Assert.Equal([1, 2, 3, 5, 6, 7], errors.Select(e => e.Line));
    }

    [Fact]
    public void Errors_are_limited() => Assert.Equal(5, Errors(string.Concat(Enumerable.Repeat("kep;\n", 100)), SieveLimits.Default with { MaxErrors = 5 }).Count);

    [Fact]
    public void Octets_that_are_not_text_are_refused_with_their_place()
    {
        var errors = SieveScript.Compile([.. "keep;\n# é\n\""u8, 0xFF, .. "\";"u8], SieveLimits.Default).Errors;
        Assert.Equal((3, 2), (errors[1].Line, errors[1].Column));
        Assert.Contains("UTF-8", errors[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_and_size_are_limited()
    {
        var deep = SieveLimits.Default.MaxNesting;
        Compile(Nested(deep));
        Assert.Contains("nested", Errors(Nested(deep + 1))[0].Message, StringComparison.Ordinal);
        Compile($"if {string.Concat(Enumerable.Repeat("not ", 15))} true {{ keep; }}");
        Assert.Contains("nested", Error($"if {string.Concat(Enumerable.Repeat("not ", 100_000))} true {{ keep; }}"), StringComparison.Ordinal);
        Assert.Contains(Errors(string.Concat(Enumerable.Repeat("if true { ", 100_000))), e => e.Message.Contains("nested", StringComparison.Ordinal));
        Assert.Contains("larger", Error(new string(' ', SieveLimits.Default.MaxScriptSize + 1)), StringComparison.Ordinal);

        static string Nested(int depth) => string.Concat(Enumerable.Repeat("if true { ", depth)) + "keep;" + new string('}', depth);
    }

    [Fact]
    public void Printing_and_parsing_agree() => Node.Array[0, 4].Sample(nodes =>
    {
        var printed = SievePrinter.Print(nodes);
        Assert.Equal(printed, SievePrinter.Print(Parse(printed)));
        Assert.Equal(nodes.Select(Flat), Parse(printed).Select(Flat));
    }, iter: 2_000);

    [Fact]
    public void Any_text_gives_a_program_or_an_error_with_its_place() => Scraps.Sample(text => AssertCompiles(Encoding.UTF8.GetBytes(text)), iter: 5_000);

    [Fact]
    public void Any_octets_give_a_program_or_an_error_with_its_place() => Gen.Byte.Array[0, 400].Sample(AssertCompiles, iter: 3_000);

    private static void AssertCompiles(byte[] octets)
    {
        var compiled = SieveScript.Compile(octets, SieveLimits.Default);
        Assert.Equal(compiled.Program is null, compiled.Errors.Count > 0);
        var lines = Encoding.UTF8.GetString(octets).Split('\n');
        Assert.All(compiled.Errors, e =>
        {
            Assert.InRange(e.Line, 1, lines.Length);
            Assert.InRange(e.Column, 1, lines[e.Line - 1].Length + 1);
        });
        Assert.Equal(compiled.Errors.OrderBy(e => (e.Line, e.Column)), compiled.Errors);
    }

    private static List<SieveNode> Parse(string script)
    {
        var errors = new SieveErrors(script, 10);
        var nodes = SieveParser.Parse(script, errors, SieveLimits.Default);
        Assert.Empty(errors.ToList());
        return nodes;
    }

    private static SieveNode Make(string name, SieveArgument[] arguments, SieveNode[] tests, SieveNode[] block, int form)
    {
        var node = new SieveNode(name, 0) { HasTestList = form > 0 && tests.Length > 0, Block = form == 2 ? [.. block] : null };
        node.Arguments.AddRange(arguments);
        node.Tests.AddRange((node.HasTestList ? tests : tests.Take(1)).Select(WithoutBlocks));
        return node;
    }

    private static SieveNode WithoutBlocks(SieveNode node)
    {
        node.Block = null;
        return node;
    }

    private static string Flat(SieveNode node) =>
        $"{node.Name}({string.Join('|', node.Arguments.Select(a => $"{a.Kind}{a.Tag}{a.Number}{string.Join('\0', a.Texts.Select(t => t.Value))}"))})"
        + $"{node.HasTestList}[{string.Join(',', node.Tests.Select(Flat))}]{(node.Block is null ? "-" : string.Join(',', node.Block.Select(Flat)))}";
}
