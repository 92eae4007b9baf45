using MailServer.Protocol.Sieve.Bounds;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>variables (RFC 5229), include (RFC 6609), environment (RFC 5183).</summary>
public sealed class SieveVariablesTests
{
    [Theory]
    // RFC 5229 §3 and §3.1
    [InlineData("set \"v\" \"&%${}!\";", "&%${}!")]
    [InlineData("set \"v\" \"${doh!}\";", "${doh!}")]
    [InlineData("set \"company\" \"ACME\"; set \"v\" \"${full}${company}${COMPANY}\";", "ACMEACME")]
    [InlineData("set \"company\" \"ACME\"; set \"v\" \"${president, ${company} Inc.}\";", "${president, ACME Inc.}")]
    [InlineData("set \"company\" \"ACME\"; set \"v\" \"${company\";", "${company")]
    [InlineData("set \"company\" \"ACME\"; set \"v\" \"${${company}}\";", "${ACME}")]
    [InlineData("set \"foo\" \"x\"; set \"v\" \"${fo\\o}\";", "x")]
    [InlineData("set \"foo\" \"x\"; set \"v\" \"${fo\\\\o}\";", "${fo\\o}")]
    [InlineData("set \"foo\" \"x\"; set \"v\" \"\\${foo}\";", "x")]
    [InlineData("set \"foo\" \"x\"; set \"v\" \"\\\\${foo}\";", "\\x")]
    [InlineData("set \"dollar\" \"$\"; set \"v\" \"regarding ${dollar}{beep}\";", "regarding ${beep}")]
    // §4.1
    [InlineData("set \"a\" \"juMBlEd lETteRS\"; set :length \"v\" \"${a}\";", "15")]
    [InlineData("set \"a\" \"juMBlEd lETteRS\"; set :lower \"v\" \"${a}\";", "jumbled letters")]
    [InlineData("set \"a\" \"juMBlEd lETteRS\"; set :upperfirst \"v\" \"${a}\";", "JuMBlEd lETteRS")]
    [InlineData("set \"a\" \"juMBlEd lETteRS\"; set :upperfirst :lower \"v\" \"${a}\";", "Jumbled letters")]
    [InlineData("set :quotewildcard \"v\" \"Rock*\";", "Rock\\*")]
    [InlineData("set :upper \"v\" \"äb\";", "äB")]
    [InlineData("set :length \"v\" \"😀é\";", "2")]
    [InlineData("set :lowerfirst \"v\" \"\";", "")]
    [InlineData("set :encodeurl \"v\" \"a b&é\";", "a%20b%26%C3%A9")]
    [InlineData("set :quoteregex \"v\" \"a.b*\";", "a\\.b\\*")]
    public void Variables_are_set_and_replaced(string script, string value) => Assert.Equal(value, Value(script, "enotify regex"));

    [Fact]
    public void Characters_are_decoded_before_variables_are_replaced() => // RFC 5229 §3.1
        Assert.Equal("dear Ethelbert", Value("set \"name\" \"Ethelbert\"; set \"v\" \"dear${hex:20 24 7b 4e}ame}\";", "encoded-character"));

    [Fact]
    public void Matches_set_numbered_variables() // RFC 5229 §3.2
    {
        const string Acme = "To: coyote@ACME.Example.COM\nSubject: [acme-users] [fwd] version 1.0 is out\nList-ID: Dummy <x@list.example>\n\n";
        Assert.Equal("INBOX.lists.x|Dummy ", Value("if header :matches \"List-ID\" \"*<*@*\" { set \"v\" \"INBOX.lists.${2}|${1}\"; }", "", Acme));
        Assert.Equal("coyote@ACME.Example.COM||ACME.Example", Value("if address :matches [\"To\", \"Cc\"] [\"coyote@**.com\", \"wile@**.com\"] { set \"v\" \"${0}|${1}|${2}\"; }", "", Acme));
        Assert.Equal("acme-users|[fwd] version 1.0 is out", Value("if header :matches \"Subject\" \"[*] *\" { set \"v\" \"${1}|${2}\"; }", "", Acme));
        Assert.Equal("", Value("if anyof (true, address :domain :matches \"To\" \"*.com\") { set \"v\" \"${0}${1}${99}\"; }", "", Acme));
        // An unsuccessful match leaves what was there.
        Assert.Equal("Subject", Value("if string :matches \"Subject\" \"*\" { if string :matches \"x\" \"y*\" { stop; } set \"v\" \"${1}\"; }"));
        // :is, :contains and a test of the body set nothing.
        Assert.Equal("", Value("if header :contains \"subject\" \"acme\" { if body :matches \"*\" { set \"v\" \"${0}\"; } }", "body", Acme));
    }

    [Theory]
    [InlineData("if string :matches \" ${state} \" \"* pending *\" { discard; }", true)]
    [InlineData("if string :count \"eq\" :comparator \"i;ascii-numeric\" [\"\", \"a\", \"${none}\", \"b\"] \"2\" { discard; }", true)]
    [InlineData("if string :is \" a \" \"a\" { discard; }", false)]
    public void Strings_are_tested(string script, bool holds) =>
        Assert.Equal(holds ? "discard" : "keep*", Do(Require("variables relational comparator-i;ascii-numeric") + "set \"state\" \"${state} pending\";" + script));

    [Theory]
    [InlineData("set \"a b\" \"x\";", "1:22: 'a b' is not the name of a variable; use letters, digits and _")]
    [InlineData("set \"1\" \"x\";", "1:22: '1' is not the name of a variable; use letters, digits and _")]
    [InlineData("set \"a${b}\" \"x\";", "1:26: variables cannot be used here")]
    [InlineData("set \"a\" \"${foo.bar}\";", "1:30: there are no variables of 'foo'")]
    [InlineData("set \"a\" \"${global.bar}\";", "1:30: there are no variables of 'global'; add require \"include\"; at the top")]
    [InlineData("set :lower :upper \"a\" \"x\";", "1:22: only one of ':lower' and ':upper' can be used")]
    public void Names_and_modifiers_are_checked(string script, string error) => Assert.Equal(error, Error($"require \"variables\"; {script}"));

    [Fact]
    public void Without_the_extension_nothing_is_replaced() => Assert.Equal("reject ${a}", Do("require \"reject\"; reject \"${a}\";"));

    [Fact]
    public void Values_are_cut_between_characters()
    {
        var most = SieveLimits.Default.MaxVariable;
        Assert.Equal(new string('x', most), Value($"set \"v\" \"{new string('x', most + 10)}\";"));
        Assert.Equal(new string('x', most - 1), Value($"set \"v\" \"{new string('x', most - 1)}😀\";"));
        Assert.Equal(new string('x', most - 1), Value($"set :encodeurl \"v\" \"{new string('x', most - 1)}é\";", "enotify"));
    }

    [Fact]
    public void A_variable_may_hold_4000_characters_and_128_variables_may_be_used() // RFC 5229 §6
    {
        Assert.Equal(new string('x', 4_000), Value($"set \"v\" \"{new string('x', 4_000)}\";"));
        Assert.Equal("1", Value(string.Concat(Enumerable.Range(0, 127).Select(i => $"set \"a{i}\" \"1\";")) + "set \"v\" \"${a126}\";"));
        Assert.StartsWith("error: ", Do(Require("variables") + string.Concat(Enumerable.Range(0, 300).Select(i => $"set \"a{i}\" \"1\";"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_include_each_other()
    {
        var facts = new TestFacts
        {
            Scripts = new()
            {
                ["a b/É"] = "require [\"fileinto\"]; fileinto \"A\";",
                ["global:spam"] = "require [\"include\", \"variables\"]; global \"v\"; set \"v\" \"from spam\"; set \"w\" \"local\"; return; discard;",
                ["stops"] = "stop;",
                ["loop"] = "require \"include\"; include \"loop\";",
                ["broken"] = "kep;",
                ["fails"] = "require \"ihave\";\n\nerror \"x\";",
            },
        };
        // The implicit keep is one for all scripts.
        Assert.Equal("fileinto A", Do("require \"include\"; include \"a b/É\";", Message, facts));
        Assert.Equal("fileinto A", Do("require \"include\"; include :once \"a b/É\"; include :once \"a b/É\";", Message, facts));
        Assert.Equal("from spam", Value("global \"v\"; include :global \"spam\";", "include", Message, "v", facts));
        Assert.Equal("from spam", Value("set \"v\" \"mine\"; include :global \"spam\"; set \"v\" \"${global.v}\";", "include", Message, "v", facts));
        Assert.Equal("", Value("include :global \"spam\"; set \"v\" \"${w}\";", "include", Message, "v", facts));
        Assert.Equal("keep*", Do("require \"include\"; include \"stops\"; discard;", Message, facts));
        Assert.Equal("keep*", Do("require \"include\"; include :optional \"A B/É\"; include :optional \"broken\";", Message, facts));
        var failed = Run("require \"include\";\n\ninclude \"fails\";", Message, facts);
        Assert.Equal(("x", 3, "fails"), (failed.Error, failed.ErrorLine, failed.ErrorScript));
        Assert.StartsWith("error: the script 'loop' includes itself", Do("require \"include\"; include \"loop\";", Message, facts), StringComparison.Ordinal);
        Assert.StartsWith("error: the script 'A' cannot be included", Do("require \"include\"; include \"A\";", Message, facts), StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_are_not_nested_without_end()
    {
        var scripts = Enumerable.Range(0, 30).ToDictionary(i => $"s{i}", i => $"require \"include\"; include \"s{i + 1}\";");
        Assert.StartsWith("error: scripts include each other more than", Do("require \"include\"; include \"s0\";", Message, new TestFacts { Scripts = scripts }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_names_what_it_needs()
    {
        var program = Compile("require [\"include\", \"mailbox\", \"duplicate\"]; include :global :optional \"x\"; if anyof (mailboxexists \"A\", duplicate) { stop; }");
        Assert.Equal(Protocol.Sieve.Running.SieveNeeds.Mailboxes | Protocol.Sieve.Running.SieveNeeds.Duplicates, program.Needs);
        Assert.Equal((true, "x", true), (program.Includes[0].IsGlobal, program.Includes[0].Name, program.Includes[0].IsOptional));
        Assert.Contains("mailbox", program.Extensions);
    }

    [Fact]
    public void The_environment_is_tested()
    {
        var facts = new TestFacts { Items = new() { ["name"] = "mail server", ["phase"] = "during" } };
        Assert.True(Holds("environment :matches \"name\" \"mail*\"", "environment", Message, facts));
        Assert.False(Holds("environment :contains \"x-unknown\" \"\"", "environment", Message, facts));
    }
}
