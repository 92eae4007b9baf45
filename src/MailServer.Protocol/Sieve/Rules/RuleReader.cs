using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>Reads rules from the syntax tree of a script. Has one use.</summary>
/// <param name="comments">The comments of the script in their order.</param>
internal sealed class RuleReader(IReadOnlyList<SieveComment> comments)
{
    private readonly List<MailRule> _rules = [];
    private OutOfOffice? _absence;
    private MailForwarding? _forwarding;
    private string? _included;
    private int _comment;

    /// <exception cref="NoRuleException">The script says something that no rule says.</exception>
    public MailRules Read(IReadOnlyList<SieveNode> nodes, int end)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            var comment = CommentBefore(nodes[i].Offset);
            if (_included is not null) throw new NoRuleException(nodes[i].Offset, "comes after the script that is included");
            if (!nodes[i].Is("require")) Take(nodes[i], comment);
            else if (comment is not null) throw Unknown(comments[_comment - 1]);
        }

        if (CommentBefore(end) is not null) throw Unknown(comments[_comment - 1]);
        return new MailRules { Rules = _rules, OutOfOffice = _absence, Forwarding = _forwarding, Included = _included };
    }

    private void Take(SieveNode node, string? comment)
    {
        if (IsComment(comment, RuleWriter.RuleComment))
        {
            TakeRule(node, comment![RuleWriter.RuleComment.Length..^1]);
        }
        else if (comment == RuleWriter.ForwardingComment)
        {
            if (_forwarding is not null || _rules.Count > 0) throw new NoRuleException(node.Offset, "forwards mail in a place where the page does not");
            _forwarding = Forwarding(node);
        }
        else if (node.Is("include"))
        {
            _included = Included(node);
        }
        else if (comment is not null && !comment.StartsWith(RuleWriter.OutOfOfficeComment, StringComparison.Ordinal))
        {
            throw Unknown(comments[_comment - 1]);
        }
        else if (node.Block is [var only] && only.Is("vacation"))
        {
            if (_absence is not null || _forwarding is not null || _rules.Count > 0) throw new NoRuleException(node.Offset, "replies to mail in a place where the page does not");
            _absence = AbsenceReader.Read(node, comment?[RuleWriter.OutOfOfficeComment.Length..]);
        }
        else
        {
            if (comment is not null) throw Unknown(comments[_comment - 1]);
            TakeRule(node, "");
        }
    }

    private static bool IsComment(string? comment, string prefix) => comment is not null && comment.StartsWith(prefix, StringComparison.Ordinal) && comment.EndsWith(']');

    private void TakeRule(SieveNode node, string name)
    {
        if (!node.Is("if")) throw new NoRuleException(node.Offset, $"has '{node.Name}' outside a rule");
        var (test, isEnabled) = Enabled(node.Tests[0]);
        var (conditions, any) = test switch
        {
            _ when test.Is("true") => ([], false),
            _ when test.ListOf("anyof") is { } list => (list, list.Count > 1),
            _ when test.ListOf("allof") is { } list => (list, false),
            _ => ((IReadOnlyList<SieveNode>)[test], false),
        };
        var actions = node.Block!.Select(RuleParts.Action).ToList();
        if (actions.Count == 0) throw new NoRuleException(node.Offset, "has a rule that does nothing");
        if (!MailRule.InOrder(actions).SequenceEqual(actions)) throw new NoRuleException(node.Offset, "has a rule whose actions are in another order than the page writes them");
        _rules.Add(new MailRule(name, isEnabled, any, [.. conditions.Select(RuleParts.Condition)], actions));
    }

    /// <summary>The test of a rule without the <c>false</c> that disables it.</summary>
    internal static (SieveNode Test, bool IsEnabled) Enabled(SieveNode test) => test.ListOf("allof") is [var first, var rest] && first.Is("false") ? (rest, false) : (test, true);

    private static MailForwarding Forwarding(SieveNode node)
    {
        if (node.Is("if") && node.Tests is [var test] && RuleParts.IsNotJunk(test))
        {
            if (node.Block is [var copy] && copy.Is("redirect") && copy.Arguments is [var tag, var to] && tag.IsTag("copy") && to.One() is { } target) return new MailForwarding(target, KeepsCopy: true);
            if (node.Block is [var redirect, var stop] && redirect.Is("redirect") && redirect.Arguments is [var only] && only.One() is { } address && stop.Is("stop")) return new MailForwarding(address, KeepsCopy: false);
        }

        throw new NoRuleException(node.Offset, "forwards mail in another way than the page does");
    }

    private static string Included(SieveNode node)
    {
        var tags = node.Arguments.SkipLast(1).ToList();
        if (node.Arguments is [.., var last] && last.One() is { } name && tags.Exists(static a => a.IsTag("optional")) && tags.TrueForAll(static a => a.IsTag("personal") || a.IsTag("optional"))) return name;
        throw new NoRuleException(node.Offset, "includes a script in another way than the page does");
    }

    /// <summary>The comment before an offset; null without one. Of several only the last may say something.</summary>
    private string? CommentBefore(int offset)
    {
        string? found = null;
        for (; _comment < comments.Count && comments[_comment].Offset < offset; _comment++)
        {
            if (found is not null || !IsKnown(comments[_comment].Text)) throw Unknown(comments[_comment]);
            found = comments[_comment].Text is ['#', ' ', .. var text] ? text : null;
        }

        return found is RuleWriter.IncludeComment ? null : found;
    }

    private static bool IsKnown(string comment) => comment is ['#', ' ', .. var text]
        && (text is RuleWriter.ForwardingComment or RuleWriter.IncludeComment || text.StartsWith(RuleWriter.OutOfOfficeComment, StringComparison.Ordinal) || IsComment(text, RuleWriter.RuleComment));

    private static NoRuleException Unknown(SieveComment comment) => new(comment.Offset, "has a comment that an edit here would lose");
}
