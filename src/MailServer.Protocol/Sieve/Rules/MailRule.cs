namespace MailServer.Protocol.Sieve.Rules;

/// <summary>A rule for arriving mail: if its conditions hold, its actions are done.</summary>
/// <param name="Name">What people call it; may be empty.</param>
/// <param name="IsEnabled">A disabled rule is kept and does nothing.</param>
/// <param name="MatchesAny">One condition is enough; otherwise all must hold.</param>
/// <param name="Conditions">The conditions; without any the rule is for every message.</param>
/// <param name="Actions">The actions: marks first, <c>stop</c> last (<see cref="InOrder"/>).</param>
public sealed record MailRule(string Name, bool IsEnabled, bool MatchesAny, IReadOnlyList<RuleCondition> Conditions, IReadOnlyList<RuleAction> Actions)
{
    /// <summary>Maximum length of a name in characters.</summary>
    public const int LongestName = 100;

    /// <summary>Maximum number of conditions, and of actions.</summary>
    public const int MostParts = 20;

    /// <summary>Actions in the order in which a script needs them: a mark changes what is stored after it, and nothing follows <c>stop</c>.</summary>
    public static IReadOnlyList<RuleAction> InOrder(IEnumerable<RuleAction> actions) => [.. actions.OrderBy(static a => a.Kind switch
    {
        RuleActionKind.MarkRead or RuleActionKind.MarkFlagged or RuleActionKind.MarkKeyword => 0,
        RuleActionKind.Stop => 2,
        _ => 1,
    })];
}

/// <summary>What a condition looks at.</summary>
public enum RuleSubject
{
    /// <summary>The author: address and name.</summary>
    From,

    /// <summary>The recipients in To and Cc.</summary>
    To,

    Subject,

    /// <summary>The mailing list (List-Id).</summary>
    List,

    /// <summary>Any header field.</summary>
    Header,

    Size,

    /// <summary>Whether the message has an attachment.</summary>
    Attachment,

    /// <summary>Whether the checks on arrival took the message for junk.</summary>
    Junk,
}

/// <summary>How a condition compares.</summary>
public enum RuleMatch
{
    /// <summary>The whole value, without regard to case; for people: the address.</summary>
    Is,

    Contains,

    /// <summary>A pattern in which <c>*</c> is any text and <c>?</c> one character; for people: of the address.</summary>
    Matches,

    /// <summary>The header field exists.</summary>
    Exists,

    /// <summary>Larger than a size.</summary>
    Over,

    /// <summary>Smaller than a size.</summary>
    Under,

    /// <summary>Of attachments and junk: it is so.</summary>
    Holds,
}

/// <summary>A condition of a rule.</summary>
/// <param name="Subject">What it looks at.</param>
/// <param name="Match">How it compares.</param>
/// <param name="IsNegated">It holds if the comparison fails.</param>
/// <param name="Value">What it compares with; a size in octets as digits.</param>
/// <param name="Header">The name of the field of <see cref="RuleSubject.Header"/>.</param>
public sealed record RuleCondition(RuleSubject Subject, RuleMatch Match, bool IsNegated = false, string Value = "", string Header = "");

/// <summary>What a rule does.</summary>
public enum RuleActionKind
{
    /// <summary>Into a folder.</summary>
    Move,

    /// <summary>Also into a folder.</summary>
    Copy,

    /// <summary>A copy to an address.</summary>
    Forward,

    MarkRead,

    MarkFlagged,

    /// <summary>With a keyword.</summary>
    MarkKeyword,

    /// <summary>For good.</summary>
    Delete,

    /// <summary>Into INBOX even if it is junk.</summary>
    Inbox,

    /// <summary>No later rule runs.</summary>
    Stop,
}

/// <summary>An action of a rule.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Value">The folder, address or keyword.</param>
public sealed record RuleAction(RuleActionKind Kind, string Value = "");
