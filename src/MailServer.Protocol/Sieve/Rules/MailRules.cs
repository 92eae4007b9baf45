namespace MailServer.Protocol.Sieve.Rules;

/// <summary>All that the script of the page contains: the rules of an account in their order, its automatic reply and its forwarding. The script is the only place where they are stored.</summary>
public sealed record MailRules
{
    /// <summary>The name of the script.</summary>
    public const string ScriptName = "rules";

    /// <summary>Maximum number of rules.</summary>
    public const int Most = 200;

    public static MailRules None { get; } = new();

    /// <summary>The rules. They run one after the other, until one stops.</summary>
    public IReadOnlyList<MailRule> Rules { get; init; } = [];

    /// <summary>The automatic reply; null if none was ever written.</summary>
    public OutOfOffice? OutOfOffice { get; init; }

    /// <summary>Where all mail except junk is sent on to; null: nowhere.</summary>
    public MailForwarding? Forwarding { get; init; }

    /// <summary>The addresses that have agreed that mail is forwarded to them, and those that were asked.</summary>
    public IReadOnlyList<ForwardAddress> ForwardAddresses { get; init; } = [];

    /// <summary>A script of another program that runs after the rules; null: none.</summary>
    public string? Included { get; init; }

    /// <summary>All addresses to which mail is sent on.</summary>
    public IEnumerable<string> ForwardTargets =>
        Rules.SelectMany(static r => r.Actions).Where(static a => a.Kind == RuleActionKind.Forward).Select(static a => a.Value).Concat(Forwarding is { } all ? [all.Address] : []).Distinct(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Sends all mail except junk on to an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="KeepsCopy">Whether the message is stored here too; if not, no rule sees it.</param>
public sealed record MailForwarding(string Address, bool KeepsCopy);
