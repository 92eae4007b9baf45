using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Actors.Filtering;

/// <summary>The scripts of all accounts, for the admin API and the command line. A script that has errors is not stored. Every change is in the audit log.</summary>
/// <param name="ask">Sends a request to the mailbox of an account.</param>
/// <param name="note">Records a change: kind, account, detail.</param>
public sealed class ScriptAdministration(Func<AccountId, MailboxRequest, CancellationToken, Task<MailboxReply>> ask, Action<string, string, string> note)
{
    // 'sieve check' shows all of them.
    private const int MostErrors = 10;

    /// <summary>The scripts of an account, and what is wrong with their files.</summary>
    /// <exception cref="ScriptRefusedException">The mailbox does not answer.</exception>
    public async Task<MailboxReply.Scripts> ListAsync(Account account, CancellationToken cancel) =>
        (MailboxReply.Scripts)await AskAsync(account, new MailboxRequest.ListScripts(), cancel);

    /// <summary>The text of a script.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(Account account, string name, CancellationToken cancel) =>
        ((MailboxReply.Script)await AskAsync(account, new MailboxRequest.ReadScript(name), cancel)).Text;

    /// <summary>Checks and stores a script.</summary>
    /// <exception cref="ScriptRefusedException">The script has errors, or a limit is reached.</exception>
    public async Task PutAsync(Account account, string name, ReadOnlyMemory<byte> text, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        var errors = SieveScript.Compile(text.Span, SieveLimits.Default).Errors;
        if (errors.Count > 0) throw new ScriptRefusedException(string.Join('\n', errors.Take(MostErrors).Select(e => $"{name}:{e}")));
        await ChangeAsync(account, new MailboxRequest.PutScript(name, text), cancel);
    }

    /// <summary>Removes a script that is not active.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or it is active.</exception>
    public async Task DeleteAsync(Account account, string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        await ChangeAsync(account, new MailboxRequest.DeleteScript(name), cancel);
    }

    /// <summary>Renames a script; if it is active, it stays so.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or there is one of the new name.</exception>
    public Task RenameAsync(Account account, string name, string newName, CancellationToken cancel) => ChangeAsync(account, new MailboxRequest.RenameScript(name, newName), cancel);

    /// <summary>Makes a script the active one; null: none. Returns false if it was so already.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<bool> ActivateAsync(Account account, string? name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        var before = (await ListAsync(account, cancel)).All.FirstOrDefault(static s => s.IsActive)?.Name;
        var request = new MailboxRequest.ActivateScript(name);
        if (before == name) await AskAsync(account, request, cancel);
        else await ChangeAsync(account, request, cancel);
        return before != name;
    }

    /// <summary>Runs a script on a message and does nothing of what it wants.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<MailboxReply.ScriptTested> TestAsync(Account account, MailboxRequest.TestScript test, CancellationToken cancel) =>
        (MailboxReply.ScriptTested)await AskAsync(account, test, cancel);

    private async Task ChangeAsync(Account account, MailboxRequest request, CancellationToken cancel)
    {
        await AskAsync(account, request, cancel);
        if (ScriptChange.Of(request) is { } change) note(change.Kind, account.Address.ToString(), change.Detail);
    }

    private async Task<MailboxReply> AskAsync(Account account, MailboxRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        var reply = await ask(account.Id, request, cancel);
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
