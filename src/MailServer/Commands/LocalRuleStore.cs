using MailServer.Actors.Filtering;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sieve.Rules;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Works directly on the files, for use without a running server.</summary>
internal sealed class LocalRuleStore : IRuleStore
{
    private readonly LocalScriptStore _scripts;
    private readonly RuleService _rules;

    public LocalRuleStore(CommandContext context)
    {
        _scripts = new LocalScriptStore(context);
        _rules = new RuleService(new RuleAdministration(_scripts.Administration, context.Note), runs: null, context.Shell.Time);
    }

    public Task<RulesDocument> ReadAsync(string account, CancellationToken cancel) => DoAsync(account, a => _rules.ReadAsync(a, cancel), cancel);

    public Task<RulesChangedDocument> AddAsync(string account, RuleDocument rule, int? position, CancellationToken cancel) => DoAsync(account, a => _rules.AddAsync(a, rule, position, cancel), cancel);

    public Task<RulesChangedDocument> SetAsync(string account, int number, RuleDocument rule, CancellationToken cancel) => DoAsync(account, a => _rules.SetAsync(a, number, rule, cancel), cancel);

    public Task<RulesChangedDocument> EnableAsync(string account, int number, bool isEnabled, CancellationToken cancel) => DoAsync(account, a => _rules.EnableAsync(a, number, isEnabled, cancel), cancel);

    public Task<RulesChangedDocument> RemoveAsync(string account, int number, CancellationToken cancel) => DoAsync(account, a => _rules.RemoveAsync(a, number, cancel), cancel);

    public Task<RulesChangedDocument> MoveAsync(string account, int number, int position, CancellationToken cancel) => DoAsync(account, a => _rules.MoveAsync(a, number, position, cancel), cancel);

    public Task<RulesChangedDocument> ActivateAsync(string account, bool? includes, CancellationToken cancel) => DoAsync(account, a => _rules.ActivateAsync(a, includes, cancel), cancel);

    public Task<RulesChangedDocument> IncludeAsync(string account, string? name, CancellationToken cancel) => DoAsync(account, a => _rules.IncludeAsync(a, name, cancel), cancel);

    public Task<RulesChangedDocument> ReplaceAsync(string account, CancellationToken cancel) => DoAsync(account, a => _rules.ReplaceAsync(a, cancel), cancel);

    public Task<RulesChangedDocument> SetOutOfOfficeAsync(string account, OutOfOfficeDocument absence, CancellationToken cancel) => DoAsync(account, a => _rules.SetOutOfOfficeAsync(a, absence, cancel), cancel);

    public Task<RulesChangedDocument> EndOutOfOfficeAsync(string account, CancellationToken cancel) => DoAsync(account, a => _rules.EndOutOfOfficeAsync(a, cancel), cancel);

    public void Dispose() => _scripts.Dispose();

    private async Task<T> DoAsync<T>(string account, Func<Account, Task<T>> work, CancellationToken cancel)
    {
        try
        {
            return await _scripts.WithAccountAsync(account, work, cancel);
        }
        catch (RuleFormatException e)
        {
            throw new CommandFailure(e.Message, ExitCodes.Usage);
        }
    }
}
