using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Access of commands to the rules of accounts, through the running server or directly on the files. Errors are thrown as <see cref="CommandFailure"/>.</summary>
internal interface IRuleStore : IDisposable
{
    Task<RulesDocument> ReadAsync(string account, CancellationToken cancel);

    Task<RulesChangedDocument> AddAsync(string account, RuleDocument rule, int? position, CancellationToken cancel);

    Task<RulesChangedDocument> SetAsync(string account, int number, RuleDocument rule, CancellationToken cancel);

    Task<RulesChangedDocument> EnableAsync(string account, int number, bool isEnabled, CancellationToken cancel);

    Task<RulesChangedDocument> RemoveAsync(string account, int number, CancellationToken cancel);

    Task<RulesChangedDocument> MoveAsync(string account, int number, int position, CancellationToken cancel);

    Task<RulesChangedDocument> ActivateAsync(string account, bool? includes, CancellationToken cancel);

    Task<RulesChangedDocument> IncludeAsync(string account, string? name, CancellationToken cancel);

    Task<RulesChangedDocument> ReplaceAsync(string account, CancellationToken cancel);

    Task<RulesChangedDocument> SetOutOfOfficeAsync(string account, OutOfOfficeDocument absence, CancellationToken cancel);

    Task<RulesChangedDocument> EndOutOfOfficeAsync(string account, CancellationToken cancel);
}
