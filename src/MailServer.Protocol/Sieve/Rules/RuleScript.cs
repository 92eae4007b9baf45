using System.Globalization;
using System.Text;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>
/// Writes rules as a Sieve script and reads them back. Names and time zones are comments (<c># rule:[name]</c>, as other editors write them); everything else is the script. Reading accepts a
/// script only if writing it again says the same: a command, test or comment that is not part of a rule is a fault, so nothing is ever lost by an edit.
/// </summary>
public static class RuleScript
{
    private const string Header = "# Rules for mail. Written by the mail server: its web page and the command 'rules'.";

    /// <summary>The script of rules.</summary>
    public static byte[] Write(MailRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var sections = RuleWriter.Write(rules);
        var output = new StringBuilder();
        output.Append(Header).Append("\r\n");
        foreach (var address in rules.ForwardAddresses) output.Append("# ").Append(address.ToComment()).Append("\r\n");
        if (RuleWriter.Require(sections.Select(static s => s.Node)) is { } require) output.Append(SievePrinter.Print([require]));
        foreach (var (comment, node) in sections)
        {
            output.Append("\r\n");
            if (comment is not null) output.Append("# ").Append(comment).Append("\r\n");
            output.Append(SievePrinter.Print([node]));
        }

        return Encoding.UTF8.GetBytes(output.ToString());
    }

    /// <summary>Reads a script, which may be any octets.</summary>
    public static RuleScriptReading Read(ReadOnlySpan<byte> script)
    {
        var compiled = SieveScript.Compile(script, SieveLimits.Default);
        if (compiled.Errors is [var first, ..]) return new RuleScriptReading(null, $"it has an error in {first.ToSentence()}");
        var text = compiled.Source;
        try
        {
            var comments = new List<SieveComment>();
            var nodes = SieveParser.Parse(text, new SieveErrors(text, 1), SieveLimits.Default, comments);
            var addresses = new List<ForwardAddress>();
            comments.RemoveAll(c =>
            {
                if (!ForwardAddress.TryRead(c.Text, out var address)) return c.Text == Header;
                addresses.Add(address);
                return true;
            });
            return new RuleScriptReading(new RuleReader(comments).Read(nodes, text.Length) with { ForwardAddresses = addresses }, null);
        }
        catch (NoRuleException e)
        {
            return new RuleScriptReading(null, string.Create(CultureInfo.InvariantCulture, $"line {SievePlace.LineOf(text, e.Offset)} {e.Message}"));
        }
    }
}
