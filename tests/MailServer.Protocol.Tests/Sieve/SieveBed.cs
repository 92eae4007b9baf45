using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>Compiles and runs scripts over small messages.</summary>
internal static class SieveBed
{
    /// <summary>A message from Ada to Ben.</summary>
    public const string Message = """
        Received: from a.example.net by mx.example.org; Tue, 01 Apr 2008 09:10:11 +0200
        Received: from b.example.net by a.example.net; Tue, 01 Apr 2008 09:05:00 +0000
        From: Ada Lovelace <ada+news@example.com>
        To: Ben <ben@example.org>, "Carl, C." <carl@example.net>
        Cc: Group: dora@example.org, Eve <eve@EXAMPLE.ORG>;
        Subject: Make money fast
        Date: Tue, 01 Apr 2008 02:30:00 -0700
        Message-ID: <1@example.com>

        Hello world
        Second line

        """;

    public static SieveProgram Compile(string script, SieveLimits? limits = null)
    {
        var compiled = SieveScript.Compile(Encoding.UTF8.GetBytes(script), limits ?? SieveLimits.Default);
        Assert.True(compiled.Program is not null, string.Join('\n', compiled.Errors));
        return compiled.Program;
    }

    public static IReadOnlyList<SieveError> Errors(string script, SieveLimits? limits = null)
    {
        var compiled = SieveScript.Compile(Encoding.UTF8.GetBytes(script), limits ?? SieveLimits.Default);
        Assert.Equal(compiled.Program is null, compiled.Errors.Count > 0);
        return compiled.Errors;
    }

    /// <summary>The only error, as text.</summary>
    public static string Error(string script) => Assert.Single(Errors(script)).ToString();

    public static SieveMessage Read(string message) => new(new InMemoryContent(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n"))), Limits.Default);

    public static SieveOutcome Run(string script, string message = Message, TestFacts? facts = null, SieveLimits? limits = null, bool traces = false)
    {
        limits ??= SieveLimits.Default;
        return Compile(script).Run(Read(message), facts ?? new TestFacts(), new SieveBudget(limits), limits, traces);
    }

    /// <summary>The actions of a run as text; the error of one that failed.</summary>
    public static string Do(string script, string message = Message, TestFacts? facts = null)
    {
        var outcome = Run(script, message, facts);
        return outcome.Error is { } error ? "error: " + error : string.Join("; ", outcome.Actions.Select(Describe));
    }

    /// <summary>Whether a test is true.</summary>
    /// <param name="test">The test.</param>
    /// <param name="requires">The extensions, separated by spaces.</param>
    /// <param name="message">The message.</param>
    /// <param name="facts">The facts.</param>
    public static bool Holds(string test, string requires = "", string message = Message, TestFacts? facts = null)
    {
        var result = Do($"{Require(requires)} if {test} {{ discard; }}", message, facts);
        Assert.True(result is "discard" or "keep*", result);
        return result == "discard";
    }

    /// <summary>The value of a variable at the end of a script.</summary>
    public static string Value(string script, string requires = "", string message = Message, string variable = "v", TestFacts? facts = null)
    {
        var outcome = Run($"{Require($"variables reject {requires}")} {script} reject \"<${{{variable}}}>\";", message, facts);
        Assert.Null(outcome.Error);
        return outcome.Actions.OfType<SieveReject>().Single().Reason[1..^1];
    }

    public static string Require(string extensions) =>
        extensions.Trim().Length == 0 ? "" : $"require [{string.Join(", ", extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => $"\"{e}\""))}];";

    private static string Describe(SieveAction action) => action switch
    {
        SieveKeep keep => (keep.IsImplicit ? "keep*" : "keep") + Flags(keep.Flags),
        SieveFileInto { Target: var t } => $"fileinto {t.Mailbox}{Flags(t.Flags)}{(t.Creates ? " create" : "")}{(t.MailboxId is null ? "" : $" id={t.MailboxId}")}{(t.SpecialUse is null ? "" : $" use={t.SpecialUse}")}",
        SieveRedirect redirect => $"redirect{(redirect.IsCopy ? " copy" : "")}{(redirect.IsList ? " list" : "")} {redirect.Address}{Of(redirect.Options)}",
        SieveReject reject => $"{(reject.InSession ? "ereject" : "reject")} {reject.Reason}",
        SieveDiscard => "discard",
        SieveVacation vacation => $"vacation to {vacation.Recipient}: {vacation.Subject}",
        SieveNotify notify => $"notify {string.Join(',', notify.Mail.To)}",
        SieveMarkDuplicate => "mark",
        _ => throw new InvalidOperationException(),
    };

    private static string Of(SieveRedirectOptions options)
    {
        if (options == SieveRedirectOptions.None) return "";
        var until = options.DeadlineAt(DateTimeOffset.UnixEpoch) is { } by ? $" by={by.Deadline.ToUnixTimeSeconds()}{(by.Return ? "R" : "N")}{(by.Trace ? "T" : "")}" : "";
        return $" notify={options.Notify} ret={options.Return}{until}";
    }

    private static string Flags(IReadOnlyList<string>? flags) => flags is null or [] ? "" : $" [{string.Join(' ', flags)}]";
}

/// <summary>Facts that a test sets.</summary>
internal sealed class TestFacts : SieveFacts
{
    public string Sender { get; init; } = "ada@example.com";

    public string Recipient { get; init; } = "ben@example.org";

    public override SieveEnvelope Envelope => new(Sender, Recipient);

    public DateTimeOffset Time { get; init; } = new(2008, 4, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset Now => Time;

    public List<string> Own { get; init; } = ["ben@example.org"];

    public override IReadOnlyList<string> OwnAddresses => Own;

    public bool Junk { get; init; }

    public override bool IsJunk => Junk;

    public int? Spam { get; init; }

    public override int? SpamPercent => Spam;

    public int? Virus { get; init; }

    public override int? VirusScore => Virus;

    public Dictionary<string, string> Items { get; init; } = [];

    public List<string> Mailboxes { get; init; } = ["INBOX", "Work"];

    public Dictionary<string, string> Annotations { get; init; } = [];

    public Dictionary<string, string[]> Lists { get; init; } = [];

    public HashSet<string> Marks { get; init; } = [];

    public Dictionary<string, string> Scripts { get; init; } = [];

    private readonly Dictionary<string, SieveProgram?> _compiled = [];

    public override string? Environment(string name) => Items.GetValueOrDefault(name);

    public override bool MailboxExists(string name) => Mailboxes.Contains(name);

    public override bool MailboxIdExists(string id) => Mailboxes.Contains("#" + id);

    public override bool SpecialUseExists(string? mailbox, string use) => Mailboxes.Exists(m => m == $"{mailbox ?? "Junk"}={use}");

    public override string? Metadata(string? mailbox, string annotation) => Annotations.GetValueOrDefault(mailbox + annotation);

    public override bool ListExists(string list) => Lists.ContainsKey(list);

    public override bool ListContains(string list, string value) => Lists.TryGetValue(list, out var members) && members.Contains(value, StringComparer.OrdinalIgnoreCase);

    public override bool IsDuplicate(string key) => Marks.Contains(key);

    public override SieveProgram? Script(bool isGlobal, string name)
    {
        var key = (isGlobal ? "global:" : "") + name;
        if (!_compiled.TryGetValue(key, out var program)) _compiled[key] = program = Scripts.TryGetValue(key, out var text) ? SieveScript.Compile(Encoding.UTF8.GetBytes(text), SieveLimits.Default).Program : null;
        return program;
    }
}
