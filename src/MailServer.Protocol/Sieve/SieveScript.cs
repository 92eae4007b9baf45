using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve;

/// <summary>Compiles scripts of the mail filtering language Sieve (RFC 5228).</summary>
public static class SieveScript
{
    /// <summary>The extensions that scripts can require.</summary>
    public static IReadOnlyList<string> Extensions => SieveExtensions.All;

    /// <summary>Checks a script. The result has a program if and only if it has no errors.</summary>
    public static SieveCompilation Compile(ReadOnlySpan<byte> script, SieveLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (script.Length > limits.MaxScriptSize) return Refuse($"the script is larger than {Quantity.Of(limits.MaxScriptSize, "octet")}");
        if (script.StartsWith("\uFEFF"u8)) script = script[3..];
        var text = Encoding.UTF8.GetString(script);
        var errors = new SieveErrors(text, limits.MaxErrors);
        if (!System.Text.Unicode.Utf8.IsValid(script)) errors.Add(FirstInvalid(script), "the script is not valid UTF-8", "save it as UTF-8");
        var nodes = SieveParser.Parse(text, errors, limits);
        var checker = new SieveChecker(SieveWords.Vocabulary, errors, limits);
        var commands = checker.CheckScript(nodes);
        return errors.Count > 0
            ? new SieveCompilation(null, errors.ToList())
            : new SieveCompilation(new SieveProgram(text, commands, checker.Extensions, checker.Needs, checker.Includes), []) { Source = text, Nodes = nodes, Limits = limits };
    }

    private static SieveCompilation Refuse(string message) => new(null, [new SieveError(1, 1, message)]);

    /// <summary>The number of characters before the first octets that are not UTF-8.</summary>
    private static int FirstInvalid(ReadOnlySpan<byte> script)
    {
        var at = 0;
        var characters = 0;
        while (Rune.DecodeFromUtf8(script[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
            characters += rune.Utf16SequenceLength;
        }

        return characters;
    }
}

/// <summary>The result of compiling a script.</summary>
/// <param name="Program">The program; null if there are errors.</param>
/// <param name="Errors">All errors, in the order of their places.</param>
public sealed record SieveCompilation(SieveProgram? Program, IReadOnlyList<SieveError> Errors)
{
    internal string Source { get; init; } = "";

    internal IReadOnlyList<SieveNode> Nodes { get; init; } = [];

    internal SieveLimits Limits { get; init; } = SieveLimits.Default;
}
