using System.Globalization;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>Reads single conditions and actions.</summary>
internal static class RuleParts
{
    public static RuleCondition Condition(SieveNode test)
    {
        // What is not larger is smaller, but for one octet: there is no word for it.
        if (test.Is("not") && test.Tests is [var inner] && !inner.Is("size")) return Positive(inner) with { IsNegated = true };
        return Positive(test);
    }

    public static bool IsNotJunk(SieveNode test) => test.Is("not") && test.Tests is [var inner] && Junk(inner) is not null;

    private static RuleCondition Positive(SieveNode test)
    {
        var condition = test.Name.ToLowerInvariant() switch
        {
            "address" => Address(test),
            "header" => Header(test),
            "exists" => test.Arguments is [var field] && field.One() is { } name ? new RuleCondition(RuleSubject.Header, RuleMatch.Exists, Header: name) : null,
            "size" => Size(test),
            "spamtest" => Junk(test),
            _ => null,
        };
        return condition is not null ? condition : throw new NoRuleException(test.Offset, $"has a test '{test.Name}' that is not a condition of a rule");
    }

    private static RuleCondition? Address(SieveNode test)
    {
        if (test.Arguments is not [var tag, var fields, var key] || key.One() is not { } value || MatchOf(tag) is not { } match || match == RuleMatch.Contains) return null;
        return PersonOf(fields) is { } subject ? new RuleCondition(subject, match, Value: value) : null;
    }

    private static RuleCondition? Header(SieveNode test)
    {
        if (test.Arguments is [var mime, var child, var contains, var of, var what] && mime.IsTag("mime") && child.IsTag("anychild") && contains.IsTag("contains")
            && IsField(of, "content-disposition") && what.One() is { } kind && kind.Equals("attachment", StringComparison.OrdinalIgnoreCase)) return new RuleCondition(RuleSubject.Attachment, RuleMatch.Holds);
        if (test.Arguments is not [var tag, var fields, var key] || key.One() is not { } value || MatchOf(tag) is not { } match) return null;
        if (match == RuleMatch.Contains && PersonOf(fields) is { } person) return new RuleCondition(person, match, Value: value);
        return fields.One() is { } name ? RuleWords.OfField(new RuleCondition(RuleSubject.Header, match, Value: value, Header: name)) : null;
    }

    private static RuleCondition? Size(SieveNode test)
    {
        if (test.Arguments is not [var tag, { Kind: SieveArgumentKind.Number, Number: > 0 and <= 1L << 50 } size]) return null;
        var octets = size.Number.ToString(CultureInfo.InvariantCulture);
        return tag.IsTag("over") ? new RuleCondition(RuleSubject.Size, RuleMatch.Over, Value: octets) : new RuleCondition(RuleSubject.Size, RuleMatch.Under, Value: octets);
    }

    private static RuleCondition? Junk(SieveNode test) =>
        test.Is("spamtest") && test.Arguments is [var value, var relation, var comparator, var numeric, var level] && value.IsTag("value") && relation.One() == "ge" && comparator.IsTag("comparator")
        && numeric.One() == "i;ascii-numeric" && level.One() == "8"
            ? new RuleCondition(RuleSubject.Junk, RuleMatch.Holds)
            : null;

    public static RuleAction Action(SieveNode node)
    {
        var action = !node.IsPlain() ? null : node.Name.ToLowerInvariant() switch
        {
            "fileinto" => FileInto(node),
            "redirect" => node.Arguments is [var tag, var to] && tag.IsTag("copy") && to.One() is { } address ? new RuleAction(RuleActionKind.Forward, address) : null,
            "addflag" => node.Arguments is [var flag] && flag.One() is { } name ? Mark(name) : null,
            "discard" => new RuleAction(RuleActionKind.Delete),
            "stop" => new RuleAction(RuleActionKind.Stop),
            _ => null,
        };
        return action ?? throw new NoRuleException(node.Offset, $"has a command '{node.Name}' that is not an action of a rule, or is written in another way");
    }

    private static RuleAction? FileInto(SieveNode node) => node.Arguments switch
    {
        [var folder] when folder.One() is { } name => name.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? new RuleAction(RuleActionKind.Inbox) : new RuleAction(RuleActionKind.Move, name),
        [var tag, var folder] when tag.IsTag("copy") && folder.One() is { } name => new RuleAction(RuleActionKind.Copy, name),
        _ => null,
    };

    private static RuleAction? Mark(string flag)
    {
        if (flag.Equals("\\Seen", StringComparison.OrdinalIgnoreCase)) return new RuleAction(RuleActionKind.MarkRead);
        if (flag.Equals("\\Flagged", StringComparison.OrdinalIgnoreCase)) return new RuleAction(RuleActionKind.MarkFlagged);
        return RuleWords.IsKeyword(flag) ? new RuleAction(RuleActionKind.MarkKeyword, flag) : null;
    }

    private static RuleMatch? MatchOf(SieveArgument tag) => tag.Kind != SieveArgumentKind.Tag ? null : tag.Tag.ToLowerInvariant() switch
    {
        "is" => RuleMatch.Is,
        "contains" => RuleMatch.Contains,
        "matches" => RuleMatch.Matches,
        _ => null,
    };

    private static RuleSubject? PersonOf(SieveArgument fields)
    {
        if (IsField(fields, "from")) return RuleSubject.From;
        return fields.Texts is [var to, var cc] && to.Value.Equals("to", StringComparison.OrdinalIgnoreCase) && cc.Value.Equals("cc", StringComparison.OrdinalIgnoreCase) ? RuleSubject.To : null;
    }

    private static bool IsField(SieveArgument fields, string name) => fields.One() is { } only && only.Equals(name, StringComparison.OrdinalIgnoreCase);
}
