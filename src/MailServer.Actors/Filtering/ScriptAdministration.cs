using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Actors.Filtering;

/// <summary>Whose scripts a request is about.</summary>
/// <param name="Title">The address of the account, or <c>@domain</c>.</param>
/// <param name="Ask">Sends a request to those who have the scripts.</param>
public sealed record ScriptOwner(string Title, Func<MailboxRequest, CancellationToken, Task<MailboxReply>> Ask)
{
    /// <summary>The scripts, and what is wrong with their files.</summary>
    /// <exception cref="ScriptRefusedException">The mailbox does not answer.</exception>
    public async Task<MailboxReply.Scripts> ListAsync(CancellationToken cancel) => (MailboxReply.Scripts)await AskAsync(new MailboxRequest.ListScripts(), cancel);

    /// <summary>The text of a script.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancel) => ((MailboxReply.Script)await AskAsync(new MailboxRequest.ReadScript(name), cancel)).Text;

    /// <summary>Runs a script on a message and does nothing of what it wants.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<MailboxReply.ScriptTested> TestAsync(MailboxRequest.TestScript test, CancellationToken cancel) => (MailboxReply.ScriptTested)await AskAsync(test, cancel);

    /// <summary>Sends a request.</summary>
    /// <exception cref="ScriptRefusedException">The request is refused.</exception>
    internal async Task<MailboxReply> AskAsync(MailboxRequest request, CancellationToken cancel)
    {
        var reply = await Ask(request, cancel);
        return reply is MailboxReply.Refused refused ? throw new ScriptRefusedException(TextOf(refused.Reason)) { IsMissing = refused.Reason == MailboxRefusal.NoSuchScript } : reply;
    }

    private static string TextOf(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.NoSuchScript => "there is no script of this name; see 'mailserver sieve list'",
        MailboxRefusal.ScriptIsActive => "the script is active: activate another one, or 'mailserver sieve deactivate', first",
        MailboxRefusal.ScriptExists => "there is a script of this name already",
        MailboxRefusal.InvalidScriptName => string.Create(
            CultureInfo.InvariantCulture, $"the name of a script has 1 to {StoredScript.MaxNameOctets} octets of UTF-8 and no control characters"),
        MailboxRefusal.TooManyScripts => "the account has too many scripts; delete one first",
        MailboxRefusal.ScriptTooLarge => "the script is too large",
        MailboxRefusal.LimitReached => "the scripts of the account are too large together; delete one first",
        _ => "the mailbox cannot be opened now; try again later",
    };
}

/// <summary>The scripts of all accounts and domains, for the admin API and the command line. A script that has errors is not stored. Every change is in the audit log.</summary>
/// <param name="ask">Sends a request to the mailbox of an account.</param>
/// <param name="note">Records a change: kind, account or <c>@domain</c>, detail.</param>
/// <param name="server">Opens the scripts of domains; null: domains have none.</param>
public sealed class ScriptAdministration(Func<AccountId, MailboxRequest, CancellationToken, Task<MailboxReply>> ask, Action<string, string, string> note, ServerScripts? server = null)
{
    // 'sieve check' shows all of them.
    private const int MostErrors = 10;

    /// <summary>The owner of an account's scripts.</summary>
    public ScriptOwner OwnerOf(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new ScriptOwner(account.Address.ToString(), (request, cancel) => ask(account.Id, request, cancel));
    }

    /// <summary>The owner of a domain's scripts.</summary>
    /// <param name="domain">A hosted domain, normalised.</param>
    public ScriptOwner OwnerOf(string domain) => new(AliasAddress.CatchAllKey(domain), (request, _) => Task.FromResult(
        server?.Domains?.Invoke(domain) is { } folder ? DomainScripts.Perform(folder, request) : throw new ScriptRefusedException("this server has no scripts of domains")));

    /// <summary>The scripts of an account, and what is wrong with their files.</summary>
    /// <exception cref="ScriptRefusedException">The mailbox does not answer.</exception>
    public Task<MailboxReply.Scripts> ListAsync(Account account, CancellationToken cancel) => OwnerOf(account).ListAsync(cancel);

    /// <summary>The text of a script.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public Task<ReadOnlyMemory<byte>> ReadAsync(Account account, string name, CancellationToken cancel) => OwnerOf(account).ReadAsync(name, cancel);

    /// <summary>Checks and stores a script.</summary>
    /// <exception cref="ScriptRefusedException">The script has errors, or a limit is reached.</exception>
    public async Task PutAsync(ScriptOwner owner, string name, ReadOnlyMemory<byte> text, CancellationToken cancel)
    {
        var errors = SieveScript.Compile(text.Span, SieveLimits.Default).Errors;
        if (errors.Count > 0) throw new ScriptRefusedException(string.Join('\n', errors.Take(MostErrors).Select(e => $"{name}:{e}")));
        await ChangeAsync(owner, new MailboxRequest.PutScript(name, text), cancel);
    }

    /// <inheritdoc cref="PutAsync(ScriptOwner, string, ReadOnlyMemory{byte}, CancellationToken)"/>
    public Task PutAsync(Account account, string name, ReadOnlyMemory<byte> text, CancellationToken cancel) => PutAsync(OwnerOf(account), name, text, cancel);

    /// <summary>Removes a script that is not active.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or it is active.</exception>
    public Task DeleteAsync(ScriptOwner owner, string name, CancellationToken cancel) => ChangeAsync(owner, new MailboxRequest.DeleteScript(name), cancel);

    /// <inheritdoc cref="DeleteAsync(ScriptOwner, string, CancellationToken)"/>
    public Task DeleteAsync(Account account, string name, CancellationToken cancel) => DeleteAsync(OwnerOf(account), name, cancel);

    /// <summary>Renames a script; if it is active, it stays so.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or there is one of the new name.</exception>
    public Task RenameAsync(ScriptOwner owner, string name, string newName, CancellationToken cancel) => ChangeAsync(owner, new MailboxRequest.RenameScript(name, newName), cancel);

    /// <inheritdoc cref="RenameAsync(ScriptOwner, string, string, CancellationToken)"/>
    public Task RenameAsync(Account account, string name, string newName, CancellationToken cancel) => RenameAsync(OwnerOf(account), name, newName, cancel);

    /// <summary>Makes a script the active one; null: none. Returns false if it was so already.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<bool> ActivateAsync(ScriptOwner owner, string? name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var before = (await owner.ListAsync(cancel)).All.FirstOrDefault(static s => s.IsActive)?.Name;
        var request = new MailboxRequest.ActivateScript(name);
        if (before == name) await owner.AskAsync(request, cancel);
        else await ChangeAsync(owner, request, cancel);
        return before != name;
    }

    /// <inheritdoc cref="ActivateAsync(ScriptOwner, string, CancellationToken)"/>
    public Task<bool> ActivateAsync(Account account, string? name, CancellationToken cancel) => ActivateAsync(OwnerOf(account), name, cancel);

    /// <summary>Runs a script on a message and does nothing of what it wants.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public Task<MailboxReply.ScriptTested> TestAsync(Account account, MailboxRequest.TestScript test, CancellationToken cancel) => OwnerOf(account).TestAsync(test, cancel);

    private async Task ChangeAsync(ScriptOwner owner, MailboxRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await owner.AskAsync(request, cancel);
        if (ScriptChange.Of(request) is { } change) note(change.Kind, owner.Title, change.Detail);
    }
}

/// <summary>A request about scripts is refused; the message says why.</summary>
public sealed class ScriptRefusedException(string message) : Exception(message)
{
    /// <summary>There is no script of this name.</summary>
    public bool IsMissing { get; init; }

    /// <summary>The mailbox does not answer.</summary>
    public bool IsUnavailable { get; init; }

    /// <summary>The script was written by another program and is not touched.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The change is one of an earlier version.</summary>
    public bool IsOutdated { get; init; }
}
