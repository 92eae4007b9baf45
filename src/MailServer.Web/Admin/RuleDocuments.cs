using System.Globalization;
using System.Text.Json.Serialization;
using MailServer.Actors.Filtering;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Web.Admin;

/// <summary>The rules of an account.</summary>
/// <param name="Editable">False if the script <c>rules</c> was edited with another program.</param>
/// <param name="Fault">Why they cannot be edited; null if they can.</param>
/// <param name="Active">They run when mail arrives.</param>
/// <param name="Version">The version of the script; empty without one.</param>
/// <param name="OtherScript">The script of another program that is active instead; null without one.</param>
/// <param name="Included">The script that runs after the rules; null without one.</param>
/// <param name="Rules">The rules in their order.</param>
/// <param name="OutOfOffice">The automatic reply; null if none was written.</param>
/// <param name="ForwardAddresses">The addresses to which mail may be forwarded, or that were asked.</param>
public sealed record RulesDocument(bool Editable, string? Fault, bool Active, string Version, string? OtherScript, string? Included, IReadOnlyList<RuleDocument> Rules, OutOfOfficeDocument? OutOfOffice,
    IReadOnlyList<ForwardAddressDocument> ForwardAddresses)
{
    public static RulesDocument Of(RuleState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new RulesDocument(
            state.Rules is not null, state.Fault, state.IsActive, state.Version, state.OtherScript, state.Known.Included, [.. state.Known.Rules.Select(static (r, i) => RuleDocument.Of(r, i + 1))],
            state.Known.OutOfOffice is { } absence ? OutOfOfficeDocument.Of(absence, state.AbsenceAt(now)) : null,
            [.. state.Known.ForwardAddresses.Select(a => ForwardAddressDocument.Of(a, state.Known.Forwarding, now))]);
    }
}

/// <summary>An address to which mail may be forwarded.</summary>
/// <param name="Address">The address.</param>
/// <param name="State"><c>agreed</c>, <c>asked</c> or <c>expired</c>.</param>
/// <param name="Forwards">All mail except junk is forwarded to it.</param>
/// <param name="KeepsCopy">A copy stays here.</param>
public sealed record ForwardAddressDocument(string Address, string State, bool Forwards, bool KeepsCopy)
{
    public static ForwardAddressDocument Of(ForwardAddress address, MailForwarding? forwarding, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(address);
        var forwards = forwarding is not null && forwarding.Address.Equals(address.Address, StringComparison.OrdinalIgnoreCase);
        return new ForwardAddressDocument(address.Address, address.IsConfirmed ? "agreed" : address.IsWaitingAt(now) ? "asked" : "expired", forwards, forwards && forwarding!.KeepsCopy);
    }
}

/// <summary>A rule in words.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Enabled">Whether it is switched on.</param>
/// <param name="Match">Whether <c>all</c> conditions must hold, or <c>any</c>.</param>
/// <param name="Conditions">The conditions, such as <c>subject contains invoice</c>; none: every message.</param>
/// <param name="Actions">The actions, such as <c>move to Invoices</c>.</param>
public sealed record RuleDocument(int Number, string Name, bool Enabled, string Match, IReadOnlyList<string> Conditions, IReadOnlyList<string> Actions)
{
    private const string All = "all";
    private const string Any = "any";

    public static RuleDocument Of(MailRule rule, int number)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new RuleDocument(number, rule.Name, rule.IsEnabled, rule.MatchesAny ? Any : All, [.. rule.Conditions.Select(RuleWords.Of)], [.. rule.Actions.Select(RuleWords.Of)]);
    }

    /// <summary>The rule.</summary>
    /// <exception cref="RuleFormatException">A part of it is wrong.</exception>
    public MailRule ToRule()
    {
        if (Match is not (null or "" or All or Any)) throw new RuleFormatException($"'{Match}' is neither '{All}' nor '{Any}'");
        return RuleWords.Check(new MailRule(Name ?? "", Enabled, Match == Any, [.. (Conditions ?? []).Select(RuleWords.Condition)], [.. (Actions ?? []).Select(RuleWords.Action)]));
    }
}

/// <summary>An automatic reply.</summary>
/// <param name="State"><c>off</c>, <c>planned</c>, <c>on</c> or <c>over</c>.</param>
/// <param name="Start">When it begins, such as <c>2026-12-21 08:00</c> on the clocks of the zone; null: at once.</param>
/// <param name="End">When it ends; null: when it is switched off.</param>
/// <param name="Zone">A time zone such as <c>Europe/Berlin</c>.</param>
/// <param name="To"><c>everyone</c> or <c>contacts</c>.</param>
/// <param name="Subject">The subject; empty: made of that of the message.</param>
/// <param name="Text">The text.</param>
public sealed record OutOfOfficeDocument(string State, string? Start, string? End, string Zone, string To, string Subject, string Text)
{
    public const string Everyone = "everyone";
    public const string Contacts = "contacts";

    private const string TimeForm = "yyyy-MM-dd HH:mm";

    private static readonly string[] Forms = [TimeForm, "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd"];

    public static OutOfOfficeDocument Of(OutOfOffice absence, OutOfOfficeState state)
    {
        ArgumentNullException.ThrowIfNull(absence);
        return new OutOfOfficeDocument(
            state.ToString().ToLowerInvariant(), Format(absence.Start), Format(absence.End), absence.Zone, absence.OnlyContacts ? Contacts : Everyone, absence.Subject, absence.Text);
    }

    /// <summary>The automatic reply, switched on.</summary>
    /// <exception cref="RuleFormatException">A part of it is wrong.</exception>
    public OutOfOffice ToOutOfOffice()
    {
        if (To is not (null or "" or Everyone or Contacts)) throw new RuleFormatException($"'{To}' is neither '{Everyone}' nor '{Contacts}'");
        return new OutOfOffice
        {
            Start = ParseTime(Start),
            End = ParseTime(End),
            Zone = string.IsNullOrWhiteSpace(Zone) ? "UTC" : Zone.Trim(),
            OnlyContacts = To == Contacts,
            Subject = (Subject ?? "").Trim(),
            Text = Text ?? "",
        }.Checked();
    }

    /// <summary>Parses a time; empty: none.</summary>
    /// <exception cref="RuleFormatException">It is not a time.</exception>
    public static DateTime? ParseTime(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        return DateTime.TryParseExact(text.Trim(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw new RuleFormatException($"'{text.Trim()}' is not a time: write 2026-12-21 or 2026-12-21 08:00");
    }

    private static string? Format(DateTime? time) => time?.ToString(TimeForm, CultureInfo.InvariantCulture);
}

/// <summary>A change of rules. <paramref name="Changed"/> is false if everything was so before.</summary>
/// <param name="Changed">Whether something was changed.</param>
/// <param name="Number">The number of a new rule.</param>
/// <param name="Kept">The name under which the replaced script is kept.</param>
/// <param name="Address">The address that has agreed.</param>
public sealed record RulesChangedDocument(bool Changed, int? Number = null, string? Kept = null, string? Address = null);

/// <summary>What a script wants, or did, with the messages of a folder. Only the first messages are listed.</summary>
public sealed record FolderRunDocument(
    string Folder, bool Applied, int Examined, int Matched, int Moved, int Copied, int Marked, int Deleted, int Left, IReadOnlyList<string> Faults, IReadOnlyList<FolderRunMessageDocument> Messages)
{
    public static FolderRunDocument Of(FolderRun run, FolderRunReport report)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(report);
        return new FolderRunDocument(
            run.Folder.Value, run.Applies, report.Examined, report.Matched, report.Moved, report.Copied, report.Marked, report.Deleted, report.Left, report.Faults,
            [.. report.Messages.Select(static m => new FolderRunMessageDocument(m.Uid, m.From, m.Subject, m.ReceivedAt, m.Actions))]);
    }
}

/// <summary>A message with which a script wants to do something.</summary>
public sealed record FolderRunMessageDocument(uint Uid, string From, string Subject, DateTimeOffset ReceivedAt, IReadOnlyList<string> Actions);

/// <summary>JSON serialization of rules in the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RulesDocument))]
[JsonSerializable(typeof(RuleDocument))]
[JsonSerializable(typeof(OutOfOfficeDocument))]
[JsonSerializable(typeof(RulesChangedDocument))]
[JsonSerializable(typeof(FolderRunDocument))]
public sealed partial class RuleJson : JsonSerializerContext;
