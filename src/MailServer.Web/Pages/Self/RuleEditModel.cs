using MailServer.Domain.Accounts;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Web.Pages.Self;

/// <summary>The values of the form of a rule.</summary>
public sealed record RuleEditModel
{
    private const int BlankRows = 3;
    private const int MostRows = 15;

    public required int? Number { get; init; }

    public required string Version { get; init; }

    public required MailRule Rule { get; init; }

    /// <summary>Rows of conditions, the last ones blank.</summary>
    public required IReadOnlyList<RuleConditionRow> Conditions { get; init; }

    /// <summary>Where the message goes: <c>move</c>, <c>inbox</c>, <c>delete</c> or empty.</summary>
    public required string Place { get; init; }

    public required string Folder { get; init; }

    /// <summary>The folders to choose from, with those that the rule names and that do not exist.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Further folders; the last one is empty.</summary>
    public required IReadOnlyList<string> Copies { get; init; }

    /// <summary>Addresses; the last one is empty.</summary>
    public required IReadOnlyList<string> Forwards { get; init; }

    /// <summary>Keywords; the last one is empty.</summary>
    public required IReadOnlyList<string> Keywords { get; init; }

    public bool IsMarkedRead => Rule.Actions.Any(static a => a.Kind == RuleActionKind.MarkRead);

    public bool IsFlagged => Rule.Actions.Any(static a => a.Kind == RuleActionKind.MarkFlagged);

    public bool Stops => Rule.Actions.Any(static a => a.Kind == RuleActionKind.Stop);

    /// <param name="number">The number of the rule; null for a new one.</param>
    /// <param name="rule">The rule; null for a new one.</param>
    /// <param name="version">The version of the script.</param>
    /// <param name="folders">The folders of the account.</param>
    public static RuleEditModel Of(int? number, MailRule? rule, string version, IReadOnlyList<string> folders)
    {
        rule ??= new MailRule("", IsEnabled: true, MatchesAny: false, [], []);
        var place = rule.Actions.FirstOrDefault(static a => a.Kind is RuleActionKind.Move or RuleActionKind.Inbox) ?? rule.Actions.FirstOrDefault(static a => a.Kind == RuleActionKind.Delete);
        // A second folder to move to is a copy, and to keep in the inbox as well too.
        var copies = rule.Actions.Where(a => a.Kind == RuleActionKind.Copy || (a.Kind is RuleActionKind.Move or RuleActionKind.Inbox && !ReferenceEquals(a, place)))
            .Select(static a => a.Kind == RuleActionKind.Inbox ? "INBOX" : a.Value).ToList();
        var rows = Math.Max(rule.Conditions.Count, Math.Min(rule.Conditions.Count + BlankRows, MostRows));
        return new RuleEditModel
        {
            Number = number,
            Version = version,
            Rule = rule,
            Conditions = [.. Enumerable.Range(0, rows).Select(i => i < rule.Conditions.Count ? RuleConditionRow.Of(i + 1, rule.Conditions[i]) : new RuleConditionRow(i + 1, "", "contains", "", ""))],
            Place = place?.Kind switch { RuleActionKind.Move => "move", RuleActionKind.Inbox => "inbox", RuleActionKind.Delete => "delete", _ => "" },
            Folder = place is { Kind: RuleActionKind.Move } ? place.Value : "",
            Folders = [.. folders, .. copies.Append(place?.Value ?? "").Where(f => f.Length > 0 && !folders.Contains(f, StringComparer.Ordinal)).Distinct(StringComparer.Ordinal)],
            Copies = [.. copies, ""],
            Forwards = Values(rule, RuleActionKind.Forward),
            Keywords = Values(rule, RuleActionKind.MarkKeyword),
        };
    }

    /// <summary>The words of a choice that needs no text; null for others.</summary>
    internal static string? FixedWords(string what) => what switch
    {
        "attachment" => "has an attachment",
        "no-attachment" => "has no attachment",
        "junk" => "is junk",
        "not-junk" => "is not junk",
        _ => null,
    };

    private static IReadOnlyList<string> Values(MailRule rule, RuleActionKind kind) => [.. rule.Actions.Where(a => a.Kind == kind).Select(static a => a.Value), ""];
}

/// <summary>A condition as fields of the form.</summary>
/// <param name="Number">The row, from 1.</param>
/// <param name="What">What is compared; empty in a blank row.</param>
/// <param name="How">How.</param>
/// <param name="Value">With what.</param>
/// <param name="Header">The name of a header field.</param>
public sealed record RuleConditionRow(int Number, string What, string How, string Value, string Header)
{
    public static (string Value, string Text)[] Subjects { get; } =
    [
        ("", "(no condition)"), ("from", "From"), ("to", "To or Cc"), ("subject", "Subject"), ("list", "Mailing list"), ("header", "Another header field"), ("larger", "Larger than"), ("smaller", "Smaller than"),
        ("attachment", "Has an attachment"), ("no-attachment", "Has no attachment"), ("junk", "Is junk"), ("not-junk", "Is not junk"),
    ];

    public static (string Value, string Text)[] Comparisons { get; } =
    [
        ("contains", "contains"), ("does not contain", "does not contain"), ("is", "is"), ("is not", "is not"), ("matches", "matches (* and ?)"), ("does not match", "does not match (* and ?)"),
        ("exists", "exists"), ("does not exist", "does not exist"),
    ];

    public static RuleConditionRow Of(int number, RuleCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var what = condition switch
        {
            { Subject: RuleSubject.Attachment } => condition.IsNegated ? "no-attachment" : "attachment",
            { Subject: RuleSubject.Junk } => condition.IsNegated ? "not-junk" : "junk",
            { Match: RuleMatch.Over } => "larger",
            { Match: RuleMatch.Under } => "smaller",
            _ => condition.Subject.ToString().ToLowerInvariant(),
        };
        var how = condition.Match switch
        {
            RuleMatch.Is => condition.IsNegated ? "is not" : "is",
            RuleMatch.Matches => condition.IsNegated ? "does not match" : "matches",
            RuleMatch.Exists => condition.IsNegated ? "does not exist" : "exists",
            _ => condition.IsNegated ? "does not contain" : "contains",
        };
        var value = condition.Subject == RuleSubject.Size ? QuotaSize.Format(long.Parse(condition.Value, System.Globalization.CultureInfo.InvariantCulture)) : condition.Value;
        return new RuleConditionRow(number, what, how, value, condition.Header);
    }
}
