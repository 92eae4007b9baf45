using MailServer.Actors.Filtering;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Web.Admin;

/// <summary>Rules for mail as documents, for the admin API and for the command line without a running server. Errors are <see cref="ScriptRefusedException"/> and <see cref="RuleFormatException"/>.</summary>
/// <param name="rules">The rules.</param>
/// <param name="runs">Runs rules over folders; null without a running server.</param>
/// <param name="time">The time source.</param>
public sealed class RuleService(RuleAdministration rules, FolderRuns? runs, TimeProvider time)
{
    public async Task<RulesDocument> ReadAsync(Account account, CancellationToken cancel) => RulesDocument.Of(await rules.ReadAsync(account, cancel), time.GetUtcNow());

    public async Task<RulesChangedDocument> AddAsync(Account account, RuleDocument rule, int? position, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new RulesChangedDocument(true, await rules.AddAsync(account, rule.ToRule(), position, null, cancel));
    }

    public async Task<RulesChangedDocument> SetAsync(Account account, int number, RuleDocument rule, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new RulesChangedDocument(await rules.SetAsync(account, number, rule.ToRule(), null, cancel));
    }

    public async Task<RulesChangedDocument> EnableAsync(Account account, int number, bool isEnabled, CancellationToken cancel) => new(await rules.EnableAsync(account, number, isEnabled, null, cancel));

    public async Task<RulesChangedDocument> MoveAsync(Account account, int number, int position, CancellationToken cancel) => new(await rules.MoveAsync(account, number, position, null, cancel));

    public async Task<RulesChangedDocument> RemoveAsync(Account account, int number, CancellationToken cancel)
    {
        await rules.RemoveAsync(account, number, null, cancel);
        return new RulesChangedDocument(true);
    }

    public async Task<RulesChangedDocument> ActivateAsync(Account account, bool? includes, CancellationToken cancel) => new(await rules.ActivateAsync(account, includes, cancel));

    public async Task<RulesChangedDocument> IncludeAsync(Account account, string? name, CancellationToken cancel) => new(await rules.IncludeAsync(account, name, null, cancel));

    public async Task<RulesChangedDocument> ReplaceAsync(Account account, CancellationToken cancel) => new(true, Kept: await rules.ReplaceAsync(account, cancel));

    public async Task<RulesChangedDocument> SetOutOfOfficeAsync(Account account, OutOfOfficeDocument absence, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(absence);
        return new RulesChangedDocument(await rules.SetOutOfOfficeAsync(account, absence.ToOutOfOffice(), null, cancel));
    }

    /// <summary>Switches the automatic reply off. Its text is kept.</summary>
    public async Task<RulesChangedDocument> EndOutOfOfficeAsync(Account account, CancellationToken cancel)
    {
        var known = (await rules.ReadAsync(account, cancel)).Known.OutOfOffice;
        return new RulesChangedDocument(known is { IsEnabled: true } && await rules.SetOutOfOfficeAsync(account, known with { IsEnabled = false }, null, cancel));
    }

    /// <summary>Runs the rules, or one of them, on a folder.</summary>
    public async Task<FolderRunDocument> RunAsync(Account account, FolderName folder, int? number, int? days, bool applies, CancellationToken cancel)
    {
        var state = await rules.ReadAsync(account, cancel);
        if (state.Rules is not { } all) throw new ScriptRefusedException($"the script '{MailRules.ScriptName}' was edited with another program: {state.Fault}") { IsForeign = true };
        var chosen = number switch
        {
            null => all.Rules,
            { } one when one >= 1 && one <= all.Rules.Count => [all.Rules[one - 1] with { IsEnabled = true }],
            _ => throw new ScriptRefusedException($"there is no rule {number}") { IsMissing = true },
        };
        return await RunAsync(account, new FolderRun(folder) { Text = TextOf(chosen), Days = days, Applies = applies }, cancel);
    }

    /// <summary>Runs a script on a folder.</summary>
    public async Task<FolderRunDocument> RunAsync(Account account, FolderRun run, CancellationToken cancel) =>
        FolderRunDocument.Of(run, await (runs ?? throw new InvalidOperationException("no server runs")).RunAsync(account, run, cancel));

    /// <summary>The script of rules alone, without the automatic reply: nobody is answered for old mail.</summary>
    public static byte[] TextOf(IReadOnlyList<MailRule> rules) => RuleScript.Write(new MailRules { Rules = rules });
}
