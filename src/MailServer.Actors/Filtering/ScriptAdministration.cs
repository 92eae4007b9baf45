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

    /// <summary>The scripts of an account.</summary>
    /// <exception cref="ScriptRefusedException">The mailbox does not answer.</exception>
    public async Task<IReadOnlyList<StoredScript>> ListAsync(Account account, CancellationToken cancel) =>
        ((MailboxReply.Scripts)await AskAsync(account, new MailboxRequest.ListScripts(), cancel)).All;

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
        await AskAsync(account, new MailboxRequest.PutScript(name, text), cancel);
        note("sieve.stored", account.Address.ToString(), $"{name} ({Storage.Scripts.ScriptFolder.VersionOf(text.Span)})");
    }

    /// <summary>Removes a script that is not active.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script, or it is active.</exception>
    public async Task DeleteAsync(Account account, string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        await AskAsync(account, new MailboxRequest.DeleteScript(name), cancel);
        note("sieve.deleted", account.Address.ToString(), name);
    }

    /// <summary>Makes a script the active one; null: none. Returns false if it was so already.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<bool> ActivateAsync(Account account, string? name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        var before = (await ListAsync(account, cancel)).FirstOrDefault(static s => s.IsActive)?.Name;
        await AskAsync(account, new MailboxRequest.ActivateScript(name), cancel);
        if (before == name) return false;
        note(name is null ? "sieve.deactivated" : "sieve.activated", account.Address.ToString(), name ?? "");
        return true;
    }

    /// <summary>Runs a script on a message and does nothing of what it wants.</summary>
    /// <exception cref="ScriptRefusedException">There is no such script.</exception>
    public async Task<MailboxReply.ScriptTested> TestAsync(Account account, MailboxRequest.TestScript test, CancellationToken cancel) =>
        (MailboxReply.ScriptTested)await AskAsync(account, test, cancel);

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
        MailboxRefusal.InvalidScriptName => "the name is empty, too long, or contains control characters",
        MailboxRefusal.LimitReached => "the account has too many scripts, or they are too large",
        _ => "the mailbox cannot be opened now; try again later",
    };
}

/// <summary>A request about scripts is refused; the message says why.</summary>
public sealed class ScriptRefusedException(string message) : Exception(message)
{
    /// <summary>There is no script of this name.</summary>
    public bool IsMissing { get; init; }
}
