using System.Globalization;

namespace MailServer.Domain.Accounts;

/// <summary>What to do with the accounts of a file.</summary>
public sealed record AccountImportOptions
{
    /// <summary>Only report what would happen.</summary>
    public bool IsDry { get; init; }

    /// <summary>For accounts without a password: how long an invitation of their user is valid; null to generate a password instead.</summary>
    public TimeSpan? InvitationLifetime { get; init; }

    /// <summary>The largest number of accounts.</summary>
    public required int Most { get; init; }
}

/// <summary>What happened to a line.</summary>
public enum AccountImportOutcome
{
    /// <summary>The account is added, or would be.</summary>
    Added,

    /// <summary>There is such an account already. It is not changed.</summary>
    Present,

    /// <summary>The line cannot be used.</summary>
    Faulty,
}

/// <summary>The result for a line.</summary>
/// <param name="Number">Its number in the file.</param>
/// <param name="Address">The address as written.</param>
/// <param name="Outcome">What happened.</param>
/// <param name="Reason">Why the line cannot be used; empty if it can.</param>
public sealed record AccountImportLine(int Number, string Address, AccountImportOutcome Outcome, string Reason)
{
    /// <summary>The generated password; null if none was generated.</summary>
    public string? Password { get; init; }

    /// <summary>The secret of the invitation; null if there is none.</summary>
    public string? Invitation { get; init; }

    /// <summary>The outcome as a word: added, unchanged or faulty.</summary>
    public string Word => Outcome switch
    {
        AccountImportOutcome.Added => "added",
        AccountImportOutcome.Present => "unchanged",
        _ => "faulty",
    };

    /// <summary>Omits the secrets, because the text may reach a log.</summary>
    public override string ToString() => $"AccountImportLine {{ Number = {Number}, Address = {Address}, Outcome = {Outcome} }}";
}

/// <summary>
/// Adds the accounts of a file: all of them, or none if a line cannot be used. Accounts that exist are left as they are, so a file can be imported again after lines were added to it.
/// </summary>
/// <param name="directory">Lookups.</param>
/// <param name="administration">Changes.</param>
/// <param name="hash">Hashes a password; null if it cannot be used.</param>
/// <param name="hashUnknown">Hashes a random password that nobody knows.</param>
/// <param name="time">The clock.</param>
public sealed class AccountImport(IDirectory directory, IDirectoryAdministration administration, Func<string, StoredPassword?> hash, Func<StoredPassword> hashUnknown, TimeProvider time)
{
    /// <returns>A result for each line. If one is faulty, nothing was changed.</returns>
    public async Task<IReadOnlyList<AccountImportLine>> RunAsync(IReadOnlyList<AccountLine> lines, AccountImportOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(options);
        var aliases = (await administration.ListAliasesAsync(null, cancel)).Select(static a => a.Alias.Key).ToHashSet(StringComparer.Ordinal);
        var results = new List<AccountImportLine>();
        foreach (var line in lines) results.Add(await CheckAsync(line, aliases, cancel));
        if (results.Count(static r => r.Outcome == AccountImportOutcome.Added) > options.Most)
        {
            var first = results.FindIndex(static r => r.Outcome == AccountImportOutcome.Added);
            results[first] = results[first] with { Outcome = AccountImportOutcome.Faulty, Reason = string.Create(CultureInfo.InvariantCulture, $"the file has more than {options.Most} new accounts; split it") };
        }

        if (options.IsDry || results.Exists(static r => r.Outcome == AccountImportOutcome.Faulty)) return results;
        var added = new List<NewAccount>();
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Outcome != AccountImportOutcome.Added) continue;
            cancel.ThrowIfCancellationRequested();
            if (Prepare(lines[i], options, results[i]) is not var (account, result)) return Refuse(results, i, "the password is too long or has control characters");
            results[i] = result;
            added.Add(account);
        }

        if (added.Count > 0) await administration.AddAccountsAsync(added, cancel);
        return results;
    }

    private async Task<AccountImportLine> CheckAsync(AccountLine line, HashSet<string> aliases, CancellationToken cancel)
    {
        if (line.Fault is { } fault) return Faulty(fault);
        var address = line.Address!;
        if (!await directory.IsHostedAsync(address.Domain, cancel)) return Faulty($"the domain '{address.Domain}' is not hosted here");
        if (aliases.Contains(address.Key)) return Faulty("the address is an alias");
        if (await directory.FindLoginAsync(address, cancel) is not null) return new AccountImportLine(line.Number, line.Text, AccountImportOutcome.Present, "");
        return line.Password.Length > 0 && PasswordRule.FindFault(line.Password, address) is { } weakness ? Faulty("the password " + weakness) : new AccountImportLine(line.Number, line.Text, AccountImportOutcome.Added, "");

        AccountImportLine Faulty(string reason) => new(line.Number, line.Text, AccountImportOutcome.Faulty, reason);
    }

    private (NewAccount Account, AccountImportLine Result)? Prepare(AccountLine line, AccountImportOptions options, AccountImportLine result)
    {
        if (line.Password.Length == 0 && options.InvitationLifetime is { } lifetime)
        {
            var secret = InvitationSecret.New();
            var invitation = new NewInvitation(InvitationSecret.DigestOf(secret)!, time.GetUtcNow() + lifetime);
            return (new NewAccount(line.Address!, hashUnknown()) { Quota = line.Quota, Invitation = invitation }, result with { Invitation = secret });
        }

        var generated = line.Password.Length == 0 ? GeneratedPassword.New() : null;
        return hash(generated ?? line.Password) is { } stored ? (new NewAccount(line.Address!, stored) { Quota = line.Quota }, result with { Password = generated }) : null;
    }

    /// <summary>The results of an import that was given up: only this line is faulty, and no secret is shown.</summary>
    private static List<AccountImportLine> Refuse(List<AccountImportLine> results, int index, string reason) =>
        [.. results.Select((r, i) => i == index ? r with { Outcome = AccountImportOutcome.Faulty, Reason = reason } : r with { Password = null, Invitation = null })];
}
