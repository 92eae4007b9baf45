using System.Diagnostics;
using System.Text;
using CsCheck;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Running;
using Xunit.Abstractions;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>Runs are bounded, and an error never loses the message.</summary>
public sealed class SieveBudgetTests(ITestOutputHelper output)
{
    private static readonly SieveLimits Small = SieveLimits.Default with { MaxSteps = 200, MaxOctets = 50_000 };

    private static readonly Gen<string> Test = Gen.OneOfConst(
        "true", "not false", "header :contains \"subject\" \"m\"", "header :matches \"subject\" \"*a*e*${a}*\"", "address :localpart :matches [\"from\", \"to\"] \"*\"", "exists \"x\"", "size :over 1K", "string :matches \"${a}\" \"*x?\"",
        "body :contains \"world\"", "header :regex \"subject\" \"(m|a)*${a}\"", "header :mime :anychild \"subject\" \"x\"", "hasflag \"a\"", "duplicate", "currentdate :matches \"date\" \"*-*-*\"");

    private static readonly Gen<string> Command = Gen.Recursive<string>((depth, command) => depth >= 3
        ? Gen.OneOfConst("keep;", "discard;")
        : Gen.Frequency(
            (4, Gen.OneOfConst(
                "keep;", "discard;", "fileinto \"A\";", "fileinto :flags \"a ${a}\" \"${1}\";", "set \"a\" \"${a}${a}x${1}\";", "set :upper :length \"b\" \"${a}\";", "addflag \"x ${a}\";", "addheader \"X-${b}\" \"${a}\";", "deleteheader :matches \"X-A\" \"*\";",
                "redirect \"x@example.org\";", "redirect \"${a}@example.org\";", "reject \"${a}\";", "vacation \"${a}\";", "notify \"mailto:a@example.org\";", "include \"self\";", "stop;")),
            (2, Gen.Select(Test, command, command, (t, a, b) => $"if {t} {{ {a} }} else {{ {b} }}")),
            (1, command.Select(c => $"foreverypart {{ {c} }}"))));

    [Theory]
    [InlineData("set \"a\" \"xxxxxxxxxxxxxxxx\"; {set \"a\" \"${a}${a}${a}${a}\";}")]
    [InlineData("{if header :contains [\"subject\", \"x-big\"] [\"a\", \"b\", \"c\", \"d\"] { keep; }}")]
    [InlineData("{if header :matches \"x-big\" \"*a*a*a*a*a*a*a*b\" { keep; }}")]
    [InlineData("{if header :regex \"x-big\" \"(a|aa)+b\" { keep; }}")]
    [InlineData("{if body :raw :contains \"zz\" { keep; }}")]
    [InlineData("{foreverypart { foreverypart { foreverypart { keep; } } }}")]
    [InlineData("set \"a\" \"aaaaaaaaaaaaaaaa\"; {if header :regex \"x-big\" \"(${a}|a)*b\" { keep; }}")]
    [InlineData("{addheader \"X-A\" \"1\";}")]
    [InlineData("{include \"bomb\";}")]
    public void A_bomb_of_ten_kilobytes_ends(string script)
    {
        var start = script.IndexOf('{', StringComparison.Ordinal);
        var piece = script[(start + 1)..^1];
        var bomb = Require("variables regex body foreverypart editheader include") + script[..start] + string.Concat(Enumerable.Repeat(piece, 10_000 / piece.Length));
        var message = Read($"Subject: x\nX-Big: {new string('a', 60_000)}\nContent-Type: multipart/mixed; boundary=b\n\n{string.Concat(Enumerable.Repeat("--b\n\nx\n", 300))}");
        var facts = new TestFacts { Scripts = new() { ["bomb"] = Require("variables include") + string.Concat(Enumerable.Repeat("set \"a\" \"x\";", 500)) } };
        var program = Compile(bomb);
        var times = new List<double>();
        SieveOutcome outcome = null!;
        var budget = new SieveBudget(SieveLimits.Default);
        for (var i = 0; i < 5; i++)
        {
            budget = new SieveBudget(SieveLimits.Default);
            var watch = Stopwatch.GetTimestamp();
            outcome = program.Run(message, facts, budget, SieveLimits.Default);
            times.Add(Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
        }

        output.WriteLine($"{times.Min():0.00} ms, {budget.Steps} steps, {budget.Octets} octets, {outcome.Error}: {piece}");
        Assert.InRange(budget.Octets, 0, SieveLimits.Default.MaxOctets + 1_000_000);
        Assert.InRange(budget.Steps, 0, SieveLimits.Default.MaxSteps + 1);
        Assert.Contains(outcome.Actions, a => a is SieveKeep);
    }

    [Fact]
    public void All_scripts_of_a_message_share_one_budget()
    {
        var budget = new SieveBudget(Small);
        var program = Compile(string.Concat(Enumerable.Repeat("if true { } ", 60)));
        Assert.Null(program.Run(Read(Message), new TestFacts(), budget, Small).Error);
        Assert.Equal("the script takes more than 200 steps", program.Run(Read(Message), new TestFacts(), budget, Small).Error);
    }

    [Fact]
    public void After_an_error_only_the_implicit_keep_is_left()
    {
        var outcome = Run("require [\"ihave\", \"fileinto\", \"imap4flags\", \"editheader\"];\naddflag \"\\\\Deleted\"; addheader \"X\" \"y\"; fileinto \"A\"; discard;\nif true {\n  error \"x\";\n}");
        Assert.Equal(("x", 4), (outcome.Error, outcome.ErrorLine));
        var keep = Assert.IsType<SieveKeep>(Assert.Single(outcome.Actions));
        Assert.True(keep.IsImplicit);
        Assert.Empty(keep.Flags);
        Assert.Null(keep.Header);
    }

    [Fact]
    public void Actions_and_redirects_are_limited()
    {
        Assert.StartsWith("error: the script takes more than 64 actions", Do("require \"fileinto\";" + string.Concat(Enumerable.Range(0, 100).Select(i => $"fileinto \"{i}\";"))), StringComparison.Ordinal);
        Assert.StartsWith("error: the script redirects", Do(string.Concat(Enumerable.Range(0, 10).Select(i => $"redirect \"a{i}@example.org\";"))), StringComparison.Ordinal);
        Assert.Equal("error: the name of the folder is not valid", Do("require \"fileinto\"; fileinto \"\";"));
        Assert.Equal("error: the name of the folder is not valid", Do("require \"fileinto\"; fileinto \"a\u0001\";"));
    }

    [Fact]
    public void Every_test_and_action_is_traced()
    {
        var outcome = Run("require \"fileinto\";\nif allof (true,\n header \"subject\" \"x\") {\n keep;\n} else {\n fileinto \"A\"; }", traces: true);
        Assert.Equal(["2 if ", "2 true True", "3 header False", "2 allof False", "6 fileinto "], outcome.Trace.Select(t => $"{t.Line} {t.What} {t.Result}"));
    }

    [Fact]
    public void Any_program_runs_within_its_budget_and_keeps_or_decides() => Gen.Select(Command.Array[0, 8], Gen.OneOfConst(Message, "", "Subject: a\n", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n")).Sample((commands, message) =>
    {
        var script = Require("fileinto variables imap4flags editheader reject vacation enotify include foreverypart mime body regex duplicate date copy") + string.Concat(commands);
        var program = SieveScript.Compile(Encoding.UTF8.GetBytes(script), Small).Program;
        Assert.NotNull(program);
        var budget = new SieveBudget(Small);
        var outcome = program.Run(Read(message), new TestFacts { Scripts = new() { ["self"] = script } }, budget, Small);
        Assert.InRange(budget.Steps, 0, Small.MaxSteps + 1);
        // The charge that ended the run is counted too; building an expression is the largest.
        Assert.InRange(budget.Octets, 0, Small.MaxOctets + 600_000);
        Assert.True(outcome.Error is null || outcome.Actions is [SieveKeep { IsImplicit: true }]);
        Assert.NotEmpty(outcome.Actions);
    }, iter: 2_000);

    [Fact]
    public void Ten_thousand_rules()
    {
        var script = Encoding.UTF8.GetBytes(Require("fileinto imap4flags") + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"if header :contains \"from\" \"user{i}@x.example\" {{ fileinto \"Folder/{i % 50}\"; stop; }}\n")));
        var (compiled, ran) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            var watch = Stopwatch.GetTimestamp();
            var program = SieveScript.Compile(script, SieveLimits.Default).Program!;
            compiled = Math.Min(compiled, Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
            watch = Stopwatch.GetTimestamp();
            var outcome = program.Run(Read(Message), new TestFacts(), new SieveBudget(SieveLimits.Default), SieveLimits.Default);
            ran = Math.Min(ran, Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
            Assert.Null(outcome.Error);
        }

        output.WriteLine($"10,000 rules ({script.Length} octets): compiled in {compiled:0.0} ms, run in {ran:0.0} ms");
    }
}
