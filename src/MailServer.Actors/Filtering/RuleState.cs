using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Actors.Filtering;

/// <summary>The rules of an account, and whether they run.</summary>
/// <param name="Rules">The rules; null if the script of their name says more than rules do.</param>
/// <param name="Fault">Why the rules cannot be edited; null if they can.</param>
/// <param name="Version">The version of the script; empty without one.</param>
/// <param name="IsActive">They run when mail arrives.</param>
/// <param name="OtherScript">The script of another program that is active instead; null if there is none.</param>
/// <param name="Scripts">The names of the other scripts of the account.</param>
public sealed record RuleState(MailRules? Rules, string? Fault, string Version, bool IsActive, string? OtherScript, IReadOnlyList<string> Scripts)
{
    /// <summary>The rules, none if they cannot be edited.</summary>
    public MailRules Known => Rules ?? MailRules.None;

    /// <summary>Whether automatic replies are sent at a time.</summary>
    public OutOfOfficeState AbsenceAt(DateTimeOffset now) => IsActive && Known.OutOfOffice is { } absence ? absence.StateAt(now) : OutOfOfficeState.Off;
}
