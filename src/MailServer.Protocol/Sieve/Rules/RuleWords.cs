using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>
/// Conditions and actions in words, such as <c>subject contains invoice</c> and <c>move to Invoices</c>. The page, the command line and the admin API use the same words. What is parsed is valid:
/// addresses are addresses, folders have possible names, sizes are octets.
/// </summary>
public static class RuleWords
{
    private const int LongestValue = 200;
    private const string SizeOver = "size over ";
    private const string SizeUnder = "size under ";

    private static readonly (RuleSubject Subject, string Word)[] Subjects = [(RuleSubject.From, "from"), (RuleSubject.To, "to"), (RuleSubject.Subject, "subject"), (RuleSubject.List, "list")];

    private static readonly (RuleMatch Match, bool IsNegated, string Words)[] Verbs =
    [
        (RuleMatch.Is, true, "is not"), (RuleMatch.Is, false, "is"), (RuleMatch.Is, false, "equals"), (RuleMatch.Contains, false, "contains"), (RuleMatch.Contains, true, "does not contain"),
        (RuleMatch.Matches, false, "matches"), (RuleMatch.Matches, true, "does not match"),
    ];

    private static readonly (RuleCondition Condition, string Words)[] Fixed =
    [
        (new(RuleSubject.Attachment, RuleMatch.Holds), "has an attachment"), (new(RuleSubject.Attachment, RuleMatch.Holds, IsNegated: true), "has no attachment"),
        (new(RuleSubject.Junk, RuleMatch.Holds), "is junk"), (new(RuleSubject.Junk, RuleMatch.Holds, IsNegated: true), "is not junk"),
    ];

    private static readonly (RuleActionKind Kind, string Words, bool HasValue)[] Actions =
    [
        (RuleActionKind.Move, "move to", true), (RuleActionKind.Copy, "copy to", true), (RuleActionKind.Forward, "forward to", true), (RuleActionKind.MarkRead, "mark as read", false),
        (RuleActionKind.MarkFlagged, "mark as flagged", false), (RuleActionKind.MarkKeyword, "mark with", true), (RuleActionKind.Delete, "delete", false), (RuleActionKind.Inbox, "keep in the inbox", false),
        (RuleActionKind.Stop, "stop", false),
    ];

    /// <summary>What conditions look like, for help and errors.</summary>
    public const string ConditionForms =
        "'from is A', 'to contains X', 'subject does not contain X', 'list contains X', 'header NAME matches *X*', 'header NAME exists', 'size over 5M', 'has an attachment' or 'is junk'";

    /// <summary>What actions look like, for help and errors.</summary>
    public const string ActionForms =
        "'move to FOLDER', 'copy to FOLDER', 'forward to ADDRESS', 'mark as read', 'mark as flagged', 'mark with KEYWORD', 'delete', 'keep in the inbox' or 'stop'";

    /// <summary>A condition in words.</summary>
    public static string Of(RuleCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var known = Array.Find(Fixed, f => f.Condition == condition).Words;
        if (known is not null) return known;
        if (condition.Subject == RuleSubject.Size) return (condition.Match == RuleMatch.Over ? SizeOver : SizeUnder) + QuotaSize.Format(long.Parse(condition.Value, CultureInfo.InvariantCulture));
        var subject = condition.Subject == RuleSubject.Header ? $"header {condition.Header}" : Array.Find(Subjects, s => s.Subject == condition.Subject).Word;
        if (condition.Match == RuleMatch.Exists) return $"{subject} {(condition.IsNegated ? "does not exist" : "exists")}";
        // "is not x" would be read as a negation.
        if (condition is { Match: RuleMatch.Is, IsNegated: false } && condition.Value.StartsWith("not ", StringComparison.OrdinalIgnoreCase)) return subject + " equals " + condition.Value;
        return $"{subject} {Array.Find(Verbs, v => v.Match == condition.Match && v.IsNegated == condition.IsNegated).Words} {condition.Value}";
    }

    /// <summary>An action in words.</summary>
    public static string Of(RuleAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var (_, words, hasValue) = Array.Find(Actions, a => a.Kind == action.Kind);
        return hasValue ? $"{words} {action.Value}" : words;
    }

    /// <summary>A rule as a sentence, such as <c>if subject contains invoice: move to Invoices, stop</c>.</summary>
    public static string Sentence(bool matchesAny, IReadOnlyList<string> conditions, IReadOnlyList<string> actions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return $"{(conditions.Count == 0 ? "every message" : "if " + string.Join(matchesAny ? " or " : " and ", conditions))}: {string.Join(", ", actions)}";
    }

    /// <summary>Parses a condition in words.</summary>
    /// <exception cref="RuleFormatException">The text is not a condition.</exception>
    public static RuleCondition Condition(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Trim();
        foreach (var (condition, form) in Fixed)
            if (words.Equals(form, StringComparison.OrdinalIgnoreCase)) return condition;
        if ((Size(words) ?? Compared(words)) is { } found) return Check(found);
        throw new RuleFormatException($"'{Short(words)}' is not a condition: write {ConditionForms}");
    }

    /// <summary>Parses an action in words.</summary>
    /// <exception cref="RuleFormatException">The text is not an action.</exception>
    public static RuleAction Action(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Trim();
        foreach (var (kind, form, hasValue) in Actions)
        {
            if (!hasValue && words.Equals(form, StringComparison.OrdinalIgnoreCase)) return new RuleAction(kind);
            if (hasValue && After(words, form + " ") is { } value) return Check(new RuleAction(kind, value));
        }

        throw new RuleFormatException($"'{Short(words)}' is not an action: write {ActionForms}");
    }

    /// <summary>Checks a condition, and returns it in its usual form.</summary>
    /// <exception cref="RuleFormatException">A part of it is wrong.</exception>
    public static RuleCondition Check(RuleCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (condition.Subject is RuleSubject.Attachment or RuleSubject.Junk) return new RuleCondition(condition.Subject, RuleMatch.Holds, condition.IsNegated);
        if (condition.Subject == RuleSubject.Header && !IsFieldName(condition.Header)) throw new RuleFormatException($"'{Short(condition.Header)}' is not the name of a header field, such as X-Mailer");
        if (condition.Subject == RuleSubject.Header && condition.Match == RuleMatch.Exists) return condition with { Value = "" };
        var value = condition.Value.Trim();
        if (condition.Subject == RuleSubject.Size) return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var octets) && octets > 0 ? condition : throw new RuleFormatException("write a size such as 500K or 5M");
        if (value.Length is 0 or > LongestValue || value.Any(char.IsControl)) throw new RuleFormatException($"write a text of 1 to {LongestValue} characters to compare with");
        // The field is a name in words and an address in angle brackets.
        if (condition is { Subject: RuleSubject.List, Match: RuleMatch.Is }) throw new RuleFormatException("compare a list with 'contains' or 'matches': the field has other text than its name too");
        return OfField(condition with { Value = value });
    }

    /// <summary>Checks an action, and returns it in its usual form.</summary>
    /// <exception cref="RuleFormatException">A part of it is wrong.</exception>
    public static RuleAction Check(RuleAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var value = action.Value.Trim();
        switch (action.Kind)
        {
            case RuleActionKind.Move or RuleActionKind.Copy:
                if (!FolderName.TryParse(value, out var folder)) throw new RuleFormatException(value.Length == 0 ? "choose a folder" : $"'{Short(value)}' cannot be the name of a folder");
                return folder.IsInbox && action.Kind == RuleActionKind.Move ? new RuleAction(RuleActionKind.Inbox) : action with { Value = folder.Value };
            case RuleActionKind.Forward:
                return EmailAddress.TryParse(value, out var address) ? action with { Value = address.ToString() } : throw new RuleFormatException($"'{Short(value)}' is not an email address");
            case RuleActionKind.MarkKeyword:
                return IsKeyword(value) ? action with { Value = value } : throw new RuleFormatException($"'{Short(value)}' is not a keyword: letters, digits and signs such as $ or -, without spaces");
            default:
                return new RuleAction(action.Kind);
        }
    }

    /// <summary>Checks a rule, and returns it in its usual form.</summary>
    /// <exception cref="RuleFormatException">A part of it is wrong.</exception>
    public static MailRule Check(MailRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var name = rule.Name.Trim();
        if (name.Length > MailRule.LongestName || name.Any(static c => char.IsControl(c) || c is '\u2028' or '\u2029')) throw new RuleFormatException($"a name has at most {MailRule.LongestName} characters, in one line");
        if (rule.Conditions.Count > MailRule.MostParts || rule.Actions.Count > MailRule.MostParts) throw new RuleFormatException($"a rule has at most {MailRule.MostParts} conditions and {MailRule.MostParts} actions");
        var actions = MailRule.InOrder(rule.Actions.Select(Check).Distinct());
        if (actions.Count == 0) throw new RuleFormatException("say what the rule does");
        if (actions.Count(static a => a.Kind is RuleActionKind.Move or RuleActionKind.Inbox or RuleActionKind.Delete) > 1) throw new RuleFormatException("a message can be moved to one folder, kept in the inbox or deleted, but not two of these; 'copy to' stores it in further folders");
        return rule with { Name = name, MatchesAny = rule.MatchesAny && rule.Conditions.Count > 1, Conditions = [.. rule.Conditions.Select(Check)], Actions = actions };
    }

    /// <summary>A condition about a field that has a word of its own is one of that word.</summary>
    internal static RuleCondition OfField(RuleCondition condition)
    {
        if (condition.Subject != RuleSubject.Header) return condition;
        RuleSubject? subject = condition.Header.ToLowerInvariant() switch
        {
            "subject" => RuleSubject.Subject,
            "list-id" when condition.Match != RuleMatch.Is => RuleSubject.List,
            "from" when condition.Match == RuleMatch.Contains => RuleSubject.From,
            _ => null,
        };
        return subject is { } known ? condition with { Subject = known, Header = "" } : condition;
    }

    /// <summary>True for a keyword of a message (RFC 9051 §9).</summary>
    internal static bool IsKeyword(string word) => word.Length is > 0 and <= 100 && word.All(static c => c is > ' ' and < '\u007f' && !"(){%*\"\\]".Contains(c, StringComparison.Ordinal));

    private static bool IsFieldName(string name) => name.Length is > 0 and <= 100 && name.All(static c => c is > ' ' and < '\u007f' and not ':');

    private static RuleCondition? Size(string words)
    {
        var (match, text) = After(words, SizeOver) is { } over ? (RuleMatch.Over, over) : (RuleMatch.Under, After(words, SizeUnder));
        if (text is null) return null;
        return QuotaSize.TryParse(text, out var octets) ? new RuleCondition(RuleSubject.Size, match, Value: octets.ToString(CultureInfo.InvariantCulture)) : throw new RuleFormatException($"'{Short(text)}' is not a size, such as 500K or 5M");
    }

    private static RuleCondition? Compared(string words)
    {
        foreach (var (subject, word) in Subjects)
            if (After(words, word + " ") is { } rest) return Verb(new RuleCondition(subject, RuleMatch.Is), rest);
        if (After(words, "header ") is not { } field) return null;
        var space = field.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0) return null;
        var (condition, what) = (new RuleCondition(RuleSubject.Header, RuleMatch.Exists, Header: field[..space]), field[(space + 1)..].TrimStart());
        if (what.Equals("exists", StringComparison.OrdinalIgnoreCase)) return condition;
        return what.Equals("does not exist", StringComparison.OrdinalIgnoreCase) ? condition with { IsNegated = true } : Verb(condition, what);
    }

    private static RuleCondition? Verb(RuleCondition condition, string rest)
    {
        foreach (var (match, isNegated, words) in Verbs)
            if (After(rest, words + " ") is { } value) return condition with { Match = match, IsNegated = isNegated, Value = value };
        return null;
    }

    private static string? After(string text, string start) => text.StartsWith(start, StringComparison.OrdinalIgnoreCase) ? text[start.Length..].TrimStart() : null;

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
