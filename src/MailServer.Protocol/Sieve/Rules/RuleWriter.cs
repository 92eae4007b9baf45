using System.Globalization;
using MailServer.Protocol.Sieve.Syntax;
using static MailServer.Protocol.Sieve.Rules.RuleNodes;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>Makes the syntax tree of rules.</summary>
internal static class RuleWriter
{
    /// <summary>The address books of the account (RFC 6134 §3).</summary>
    public const string Contacts = "urn:ietf:params:sieve:addrbook:default";

    public const string ForwardingComment = "Forwarding";
    public const string OutOfOfficeComment = "Out of office: ";
    public const string RuleComment = "rule:[";
    public const string IncludeComment = "A script of another program";

    private const string Iso8601 = "yyyy-MM-ddTHH:mm:sszzz";

    /// <summary>What spamtest says of junk, at least.</summary>
    private const string JunkFrom = "8";

    /// <summary>The commands with the comment before each. An automatic reply comes first, so that no rule prevents it.</summary>
    public static IReadOnlyList<(string? Comment, SieveNode Node)> Write(MailRules rules)
    {
        var sections = new List<(string?, SieveNode)>();
        if (rules.OutOfOffice is { } absence) sections.Add((OutOfOfficeComment + absence.Zone, If(absence)));
        if (rules.Forwarding is { } forwarding) sections.Add((ForwardingComment, If(forwarding)));
        sections.AddRange(rules.Rules.Select(static r => ((string?)$"{RuleComment}{r.Name}]", If(r))));
        if (rules.Included is { } included) sections.Add((IncludeComment, Node("include", Tag("personal"), Tag("optional"), Text(included))));
        return sections;
    }

    /// <summary>The command that lists the extensions; null if none is needed.</summary>
    public static SieveNode? Require(IEnumerable<SieveNode> nodes)
    {
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes) AddNeeds(needed, node);
        return needed.Count == 0 ? null : Node("require", Texts(needed));
    }

    private static SieveNode If(MailRule rule)
    {
        var conditions = rule.Conditions.Select(Test).ToList();
        var test = conditions switch
        {
            [] => Node("true"),
            [var only] => only,
            _ => Node(rule.MatchesAny ? "anyof" : "allof").WithTests(isList: true, conditions),
        };
        return If(test, rule.IsEnabled).WithBlock(rule.Actions.Select(Command));
    }

    // What is disabled stays readable: its test is never true.
    private static SieveNode If(SieveNode test, bool isEnabled) =>
        Node("if").WithTests(isList: false, isEnabled ? test : Node("allof").WithTests(isList: true, Node("false"), test));

    private static SieveNode If(OutOfOffice absence)
    {
        var tests = new List<SieveNode>();
        if (absence.StartsAt is { } start) tests.Add(Time("ge", start));
        if (absence.EndsAt is { } end) tests.Add(Time("lt", end));
        if (absence.OnlyContacts) tests.Add(Node("address", Tag("list"), Text("from"), Text(Contacts)));
        var test = tests switch { [] => Node("true"), [var only] => only, _ => Node("allof").WithTests(isList: true, tests) };
        List<SieveArgument> arguments = [Tag("days"), Number(absence.Days)];
        if (absence.Subject.Length > 0) arguments.AddRange([Tag("subject"), Text(absence.Subject)]);
        // A corrected text is no reason to answer everybody again, another absence is.
        arguments.AddRange([Tag("handle"), Text($"out of office {(absence.StartsAt ?? absence.EndsAt)?.ToString(Iso8601, CultureInfo.InvariantCulture)}".TrimEnd()), Text(absence.Text)]);
        return If(test, absence.IsEnabled).WithBlock([Node("vacation", [.. arguments])]);
    }

    private static SieveNode Time(string relation, DateTimeOffset time) => Node(
        "currentdate", Tag("zone"), Text(time.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)), Tag("value"), Text(relation), Text("iso8601"),
        Text(time.ToString(Iso8601, CultureInfo.InvariantCulture)));

    private static SieveNode If(MailForwarding forwarding)
    {
        var test = Node("not").WithTests(isList: false, Junk());
        return Node("if").WithTests(isList: false, test).WithBlock(forwarding.KeepsCopy
            ? [Node("redirect", Tag("copy"), Text(forwarding.Address))]
            : [Node("redirect", Text(forwarding.Address)), Node("stop")]);
    }

    private static SieveNode Test(RuleCondition condition)
    {
        var test = Positive(condition);
        return condition.IsNegated ? Node("not").WithTests(isList: false, test) : test;
    }

    private static SieveNode Positive(RuleCondition condition) => condition.Subject switch
    {
        RuleSubject.From => Person(condition, Text("from")),
        RuleSubject.To => Person(condition, Texts("to", "cc")),
        RuleSubject.Subject => Field(condition, Text("subject")),
        RuleSubject.List => Field(condition, Text("list-id")),
        RuleSubject.Header when condition.Match == RuleMatch.Exists => Node("exists", Text(condition.Header)),
        RuleSubject.Header => Field(condition, Text(condition.Header)),
        RuleSubject.Size => Node("size", Tag(condition.Match == RuleMatch.Over ? "over" : "under"), Number(long.Parse(condition.Value, CultureInfo.InvariantCulture))),
        RuleSubject.Attachment => Node("header", Tag("mime"), Tag("anychild"), Tag("contains"), Text("content-disposition"), Text("attachment")),
        _ => Junk(),
    };

    // Whoever looks for a part of a name or address means both; a whole address or a pattern is one of the address alone.
    private static SieveNode Person(RuleCondition condition, SieveArgument fields) =>
        condition.Match == RuleMatch.Contains ? Field(condition, fields) : Node("address", Tag(TagOf(condition.Match)), fields, Text(condition.Value));

    private static SieveNode Field(RuleCondition condition, SieveArgument fields) => Node("header", Tag(TagOf(condition.Match)), fields, Text(condition.Value));

    private static SieveNode Junk() => Node("spamtest", Tag("value"), Text("ge"), Tag("comparator"), Text("i;ascii-numeric"), Text(JunkFrom));

    private static string TagOf(RuleMatch match) => match switch { RuleMatch.Is => "is", RuleMatch.Contains => "contains", _ => "matches" };

    private static SieveNode Command(RuleAction action) => action.Kind switch
    {
        RuleActionKind.Move => Node("fileinto", Text(action.Value)),
        RuleActionKind.Copy => Node("fileinto", Tag("copy"), Text(action.Value)),
        RuleActionKind.Forward => Node("redirect", Tag("copy"), Text(action.Value)),
        RuleActionKind.MarkRead => Node("addflag", Text("\\Seen")),
        RuleActionKind.MarkFlagged => Node("addflag", Text("\\Flagged")),
        RuleActionKind.MarkKeyword => Node("addflag", Text(action.Value)),
        RuleActionKind.Delete => Node("discard"),
        RuleActionKind.Inbox => Node("fileinto", Text("INBOX")),
        _ => Node("stop"),
    };

    private static void AddNeeds(SortedSet<string> needed, SieveNode node)
    {
        foreach (var extension in NeedsOf(node)) needed.Add(extension);
        foreach (var tag in node.Arguments.Where(static a => a.Kind == SieveArgumentKind.Tag))
            if (tag.Tag is "copy" or "mime") needed.Add(tag.Tag);
        foreach (var inner in node.Tests.Concat(node.Block ?? [])) AddNeeds(needed, inner);
    }

    private static string[] NeedsOf(SieveNode node) => node.Name switch
    {
        "fileinto" => ["fileinto"],
        "addflag" => ["imap4flags"],
        "vacation" => ["vacation"],
        "include" => ["include"],
        "currentdate" => ["date", "relational"],
        "spamtest" => ["spamtest", "relational", "comparator-i;ascii-numeric"],
        "address" when node.Arguments.Exists(static a => a.IsTag("list")) => ["extlists"],
        _ => [],
    };
}
