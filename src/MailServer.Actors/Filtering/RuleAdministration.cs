using System.Globalization;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Actors.Filtering;

/// <summary>
/// The rules of all accounts, for the page, the admin API and the command line. They are one script of the account, <see cref="MailRules.ScriptName"/>, which other programs can read; this edits only
/// what it could have written itself, and never another script. A change is in the audit log.
/// </summary>
/// <param name="scripts">The scripts of the accounts.</param>
/// <param name="note">Records a change: kind, account, detail.</param>
public sealed class RuleAdministration(ScriptAdministration scripts, Action<string, string, string> note)
{
    /// <summary>The rules of an account.</summary>
    /// <exception cref="ScriptRefusedException">The mailbox does not answer.</exception>
    public async Task<RuleState> ReadAsync(Account account, CancellationToken cancel)
    {
        var all = (await scripts.ListAsync(account, cancel)).All;
        var own = all.FirstOrDefault(static s => s.Name == MailRules.ScriptName);
        var active = all.FirstOrDefault(static s => s.IsActive);
        var reading = own is null ? new RuleScriptReading(MailRules.None, null) : RuleScript.Read((await scripts.ReadAsync(account, own.Name, cancel)).Span);
        return new RuleState(
            reading.Rules, reading.Fault, own?.Version ?? "", own is { IsActive: true }, active is { Name: not MailRules.ScriptName } ? active.Name : null,
            [.. all.Where(static s => s.Name != MailRules.ScriptName).Select(static s => s.Name)]);
    }

    /// <summary>The text of the script, for people who want to see it.</summary>
    public async Task<string> TextAsync(Account account, CancellationToken cancel) => Encoding.UTF8.GetString((await scripts.ReadAsync(account, MailRules.ScriptName, cancel)).Span);

    /// <summary>Adds a rule before the rule <paramref name="position"/>, or as the last one. Returns its number.</summary>
    /// <exception cref="ScriptRefusedException">The rules cannot be edited.</exception>
    public async Task<int> AddAsync(Account account, MailRule rule, int? position, string? version, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var at = 0;
        await ChangeAsync(account, version, new RuleChange("rules.added", TitleOf(rule)), rules =>
        {
            at = Math.Clamp(position ?? int.MaxValue, 1, rules.Rules.Count + 1);
            return rules with { Rules = [.. rules.Rules.Take(at - 1), rule, .. rules.Rules.Skip(at - 1)] };
        }, cancel);
        return at;
    }

    /// <summary>Replaces a rule. Returns false if nothing changed.</summary>
    /// <exception cref="ScriptRefusedException">There is no such rule, or the rules cannot be edited.</exception>
    public Task<bool> SetAsync(Account account, int number, MailRule rule, string? version, CancellationToken cancel) =>
        ChangeAsync(account, version, new RuleChange("rules.changed", TitleOf(rule)), rules => With(rules, number, _ => [rule]), cancel);

    /// <summary>Switches a rule on or off. Returns false if nothing changed.</summary>
    /// <exception cref="ScriptRefusedException">There is no such rule, or the rules cannot be edited.</exception>
    public Task<bool> EnableAsync(Account account, int number, bool isEnabled, string? version, CancellationToken cancel) => ChangeAsync(
        account, version, new RuleChange(isEnabled ? "rules.enabled" : "rules.disabled", Number(number)), rules => With(rules, number, r => [r with { IsEnabled = isEnabled }]), cancel);

    /// <summary>Removes a rule.</summary>
    /// <exception cref="ScriptRefusedException">There is no such rule, or the rules cannot be edited.</exception>
    public Task RemoveAsync(Account account, int number, string? version, CancellationToken cancel) =>
        ChangeAsync(account, version, new RuleChange("rules.removed", Number(number)), rules => With(rules, number, static _ => []), cancel);

    /// <summary>Moves a rule to another place. Returns false if it is there already.</summary>
    /// <exception cref="ScriptRefusedException">There is no such rule, or the rules cannot be edited.</exception>
    public Task<bool> MoveAsync(Account account, int number, int position, string? version, CancellationToken cancel) =>
        ChangeAsync(account, version, new RuleChange("rules.moved", $"{Number(number)} to {Number(position)}"), rules =>
        {
            var rule = Require(rules, number);
            var others = With(rules, number, static _ => []).Rules;
            var at = Math.Clamp(position, 1, rules.Rules.Count) - 1;
            return rules with { Rules = [.. others.Take(at), rule, .. others.Skip(at)] };
        }, cancel);

    /// <summary>Sets the automatic reply; null removes it. Returns false if nothing changed.</summary>
    /// <exception cref="ScriptRefusedException">The rules cannot be edited.</exception>
    public Task<bool> SetOutOfOfficeAsync(Account account, OutOfOffice? absence, string? version, CancellationToken cancel) =>
        ChangeAsync(account, version, new RuleChange(absence is { IsEnabled: true } ? "out-of-office.on" : "out-of-office.off", ""), rules => rules with { OutOfOffice = absence }, cancel);

    /// <summary>Makes the rules run when mail arrives, instead of the script of another program or before it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="includes">Whether the script that is active now runs after the rules; null: as it was.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>False if nothing changed.</returns>
    /// <exception cref="ScriptRefusedException">The rules cannot be edited.</exception>
    public async Task<bool> ActivateAsync(Account account, bool? includes, CancellationToken cancel)
    {
        var state = await ReadAsync(account, cancel);
        if (includes == true && state.OtherScript is null) throw new ScriptRefusedException("no script of another program is active");
        var isChanged = await ChangeAsync(
            account, null, new RuleChange("rules.activated", state.OtherScript is { } other ? $"{(includes == true ? "before" : "instead of")} {other}" : ""),
            rules => includes is { } wanted ? rules with { Included = wanted ? state.OtherScript : null } : rules, cancel, creates: true);
        return await scripts.ActivateAsync(account, MailRules.ScriptName, cancel) || isChanged;
    }

    /// <summary>Includes another script of the account after the rules; null: none. Returns false if nothing changed.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or the rules cannot be edited.</exception>
    public async Task<bool> IncludeAsync(Account account, string? name, string? version, CancellationToken cancel)
    {
        if (name is not null && !(await ReadAsync(account, cancel)).Scripts.Contains(name, StringComparer.Ordinal)) throw new ScriptRefusedException($"there is no script '{name}'; see 'mailserver sieve list'") { IsMissing = true };
        return await ChangeAsync(account, version, new RuleChange("rules.included", name ?? "none"), rules => rules with { Included = name }, cancel);
    }

    /// <summary>Starts over without rules, if the script of their name cannot be edited. That script is kept under another name, which is returned.</summary>
    /// <exception cref="ScriptRefusedException">The rules can be edited.</exception>
    public async Task<string> ReplaceAsync(Account account, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        var state = await ReadAsync(account, cancel);
        if (state.Rules is not null) throw new ScriptRefusedException("nothing is to be replaced: the rules can be edited");
        var old = Enumerable.Range(1, StoredNames).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{MailRules.ScriptName}-old-{i}")).First(n => !state.Scripts.Contains(n, StringComparer.Ordinal));
        await scripts.RenameAsync(account, MailRules.ScriptName, old, cancel);
        await scripts.PutAsync(account, MailRules.ScriptName, RuleScript.Write(MailRules.None), cancel);
        if (state.IsActive) await scripts.ActivateAsync(account, MailRules.ScriptName, cancel);
        note("rules.replaced", account.Address.ToString(), $"kept as {old}");
        return old;
    }

    private const int StoredNames = 1_000;

    /// <summary>Changes the rules. Returns false if nothing changed.</summary>
    internal Task<bool> EditAsync(Account account, string? version, RuleChange change, Func<MailRules, MailRules> edit, CancellationToken cancel) => ChangeAsync(account, version, change, edit, cancel);

    private async Task<bool> ChangeAsync(Account account, string? version, RuleChange change, Func<MailRules, MailRules> edit, CancellationToken cancel, bool creates = false)
    {
        ArgumentNullException.ThrowIfNull(account);
        var state = await ReadAsync(account, cancel);
        if (state.Rules is not { } before) throw new ScriptRefusedException($"the script '{MailRules.ScriptName}' was edited with another program: {state.Fault}") { IsForeign = true };
        if (version is not null && version != state.Version) throw new ScriptRefusedException("the rules were changed elsewhere in the meantime; look at them, and try again") { IsOutdated = true };
        var after = edit(before);
        if (after.Rules.Count > MailRules.Most) throw new ScriptRefusedException($"an account has at most {MailRules.Most} rules");
        CheckForwarding(before, after);
        await CheckIncludedAsync(account, after, cancel);
        var text = RuleScript.Write(after);
        var isChanged = !text.AsSpan().SequenceEqual(RuleScript.Write(before));
        if (!isChanged && (!creates || state.Version.Length > 0)) return false;
        await scripts.PutAsync(account, MailRules.ScriptName, text, cancel);
        // Whoever has no script, or only this one, wants the rules to run. The script of another program stays until somebody says so.
        if (state is { IsActive: false, OtherScript: null }) await scripts.ActivateAsync(account, MailRules.ScriptName, cancel);
        note(change.Kind, account.Address.ToString(), change.Detail);
        return isChanged;
    }

    /// <summary>Mail is forwarded only to addresses that have agreed. What was forwarded before, because another program wrote it, is not touched.</summary>
    private static void CheckForwarding(MailRules before, MailRules after)
    {
        var agreed = after.ForwardAddresses.Where(static a => a.IsConfirmed).Select(static a => a.Address).Concat(before.ForwardTargets).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (after.ForwardTargets.FirstOrDefault(a => !agreed.Contains(a)) is { } other) throw new ScriptRefusedException($"{other} has not agreed to get forwarded mail: send it a code under Forwarding, or with 'mailserver forwarding ask'");
    }

    /// <summary>Two automatic replies to one message are an error of the scripts, after which nothing of them counts.</summary>
    private async Task CheckIncludedAsync(Account account, MailRules rules, CancellationToken cancel)
    {
        if (rules.Included is not { } included || rules.OutOfOffice is not { IsEnabled: true }) return;
        var all = (await scripts.ListAsync(account, cancel)).All;
        if (!all.Any(s => s.Name == included)) return;
        var compiled = SieveScript.Compile((await scripts.ReadAsync(account, included, cancel)).Span, SieveLimits.Default);
        if (compiled.Program?.Needs.HasFlag(Protocol.Sieve.Running.SieveNeeds.Vacation) == true)
            throw new ScriptRefusedException($"the script '{included}', which runs after the rules, replies automatically too: switch one of the two off");
    }

    private static MailRules With(MailRules rules, int number, Func<MailRule, IEnumerable<MailRule>> change)
    {
        var rule = Require(rules, number);
        return rules with { Rules = [.. rules.Rules.Take(number - 1), .. change(rule), .. rules.Rules.Skip(number)] };
    }

    private static MailRule Require(MailRules rules, int number) =>
        number >= 1 && number <= rules.Rules.Count ? rules.Rules[number - 1] : throw new ScriptRefusedException(string.Create(CultureInfo.InvariantCulture, $"there is no rule {number}")) { IsMissing = true };

    private static string TitleOf(MailRule rule) => rule.Name.Length > 0 ? rule.Name : string.Join(", ", rule.Actions.Select(RuleWords.Of));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

}

/// <summary>A change of rules in the audit log.</summary>
internal sealed record RuleChange(string Kind, string Detail);
