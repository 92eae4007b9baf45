using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Decides who may send to whom: the replies to MAIL and RCPT, and the destinations of a recipient list. Mail from outside is accepted for hosted domains
/// only, mail from our accounts for any domain (never an open relay).
/// </summary>
public sealed class AddressPolicy(IDirectory directory, Limits limits, string hostname, SenderRewriter? rewriter = null)
{
    internal static readonly SmtpReply Unavailable = new(451, "4.3.0", "Temporary failure, try again later");
    private static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender OK");
    private static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient OK");
    private static readonly SmtpReply NotYourAddress = new(550, "5.7.1", "The sender address does not belong to your account");
    private static readonly SmtpReply RelayDenied = new(550, "5.7.1", "Relaying denied: this server does not accept mail for that domain");
    private static readonly SmtpReply NoSuchUser = new(550, "5.1.1", "No such user here");
    private static readonly SmtpReply UserDisabled = new(550, "5.2.1", "That account is disabled");
    private static readonly SmtpReply DomainDisabled = new(550, "5.2.1", "That domain is disabled");
    private static readonly SmtpReply AliasLoop = new(550, "5.4.6", "That address is an alias of itself");

    public async ValueTask<SmtpReply> CheckSenderAsync(SessionPolicy policy, Account? account, EmailAddress? sender, CancellationToken cancel)
    {
        if (policy == SessionPolicy.Receiving) return SenderOk;
        // Read receipts and bounces from mail programs have a null sender (RFC 8098 §3); the From field is checked after DATA.
        if (sender is null) return SenderOk;
        return account is not null && await directory.MaySendAsAsync(account.Id, sender, cancel) ? SenderOk : NotYourAddress;
    }

    /// <param name="policy">Policy of the session.</param>
    /// <param name="recipient">The recipient to check.</param>
    /// <param name="quotas">Refuses mail for a full mailbox; null: the mailbox itself refuses it.</param>
    /// <param name="cancel">Cancels the check.</param>
    internal async ValueTask<SmtpReply> CheckRecipientAsync(SessionPolicy policy, EmailAddress recipient, QuotaGate? quotas, CancellationToken cancel)
    {
        var destinations = new ResolvedRecipients();
        if (await AddAsync(destinations, policy, recipient, recipient, 0, cancel) is { } refusal) return refusal;
        // If one of several mailboxes behind an alias is full, the others still get the message.
        var isAlone = destinations.Accounts.Count == 1 && destinations.Remote.Count == 0 && destinations.Lists.Count == 0;
        return (isAlone && quotas is not null ? await quotas.CheckAsync(destinations.Accounts.Keys.First(), cancel) : null) ?? RecipientOk;
    }

    /// <summary>The addresses of an account, its own first.</summary>
    internal ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => directory.AddressesOfAsync(account, cancel);

    /// <summary>True if the domain is hosted here.</summary>
    internal ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => directory.IsHostedAsync(domain, cancel);

    /// <summary>Adds where mail for a member of a list goes; returns why it goes nowhere, or null.</summary>
    internal ValueTask<SmtpReply?> AddMemberAsync(ResolvedRecipients found, EmailAddress member, CancellationToken cancel) =>
        AddAsync(found, SessionPolicy.Submission, member, member, 0, cancel);

    /// <summary>True if the account may send as the address.</summary>
    internal ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress address, CancellationToken cancel) => directory.MaySendAsAsync(account, address, cancel);

    /// <summary>True when <paramref name="account"/> may use every address in <paramref name="authors"/> as a From address.</summary>
    public async ValueTask<bool> MayWriteAsAsync(Account account, IReadOnlyList<EmailAddress> authors, CancellationToken cancel)
    {
        foreach (var author in authors)
            if (!await directory.MaySendAsAsync(account.Id, author, cancel)) return false;

        return authors.Count > 0;
    }

    /// <summary>Resolves all recipients and removes duplicates. Returns a refusal when one of the recipients no longer exists.</summary>
    public async ValueTask<(ResolvedRecipients Destinations, SmtpReply? Refusal)> ResolveAsync(MailTransaction transaction, CancellationToken cancel)
    {
        var destinations = new ResolvedRecipients();
        foreach (var recipient in transaction.Recipients)
            if (await AddAsync(destinations, transaction.Policy, recipient, recipient, 0, cancel) is { } refusal) return (destinations, refusal);

        return (destinations, null);
    }

    private async ValueTask<SmtpReply?> AddAsync(
        ResolvedRecipients found, SessionPolicy policy, EmailAddress named, EmailAddress address, int depth, CancellationToken cancel)
    {
        if (depth > limits.AliasDepth) return AliasLoop;
        if (depth == 0 && await RestoreAsync(address, cancel) is { } sender) return await AddAsync(found, policy, named, sender, depth + 1, cancel);
        switch (await ResolveAsync(address, cancel))
        {
            case RecipientResolution.Local local:
                found.Add(local.Account, named);
                return null;
            case RecipientResolution.Alias alias:
                return await ExpandAsync(found, policy, named, address, alias, depth, cancel);
            case RecipientResolution.List list:
                found.Lists.TryAdd(list.Details.Address, (list.Details, named));
                return null;
            case RecipientResolution.Disabled disabled:
                return disabled.IsDomain ? DomainDisabled : UserDisabled;
            case RecipientResolution.Unknown:
                return NoSuchUser;
            // One of our aliases may lead to another host whoever sent the message; a recipient named by the peer may not.
            case RecipientResolution.Remote when policy == SessionPolicy.Receiving && depth == 0:
                return RelayDenied;
            case RecipientResolution.Remote:
                found.Remote.TryAdd(address, named);
                return null;
            default:
                return Unavailable;
        }
    }

    /// <summary>The original sender encoded in one of our SRS addresses, who receives the bounce; null when it is not an SRS address.</summary>
    private async ValueTask<EmailAddress?> RestoreAsync(EmailAddress address, CancellationToken cancel)
    {
        if (rewriter is null || !SenderRewriter.IsRewritten(address) || !await directory.IsHostedAsync(address.Domain, cancel)) return null;
        return rewriter.Restore(address);
    }

    /// <summary><c>postmaster</c> and <c>abuse</c> at the host's own name are those of its parent domain (RFC 5321 §4.5.1, RFC 2142 §4).</summary>
    private async ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel)
    {
        var resolution = await directory.ResolveAsync(address, cancel);
        var isHosts = resolution is RecipientResolution.Remote && address.Domain.Equals(hostname, StringComparison.OrdinalIgnoreCase);
        if (!isHosts || address.Local.ToLowerInvariant() is not ("postmaster" or "abuse")) return resolution;
        return EmailAddress.TryParse($"{address.Local}@{hostname[(hostname.IndexOf('.', StringComparison.Ordinal) + 1)..]}", out var above)
            ? await directory.ResolveAsync(above, cancel)
            : resolution;
    }

    /// <summary>Expands each alias once for each recipient: aliases that lead to each other end here, whatever number of targets they have.</summary>
    private async ValueTask<SmtpReply?> ExpandAsync(
        ResolvedRecipients found, SessionPolicy policy, EmailAddress named, EmailAddress address, RecipientResolution.Alias alias, int depth, CancellationToken cancel)
    {
        if (found.Expanded.TryGetValue((named, address), out var before)) return before;
        found.Expanded[(named, address)] = AliasLoop;
        return found.Expanded[(named, address)] = await AddTargetsAsync(found, policy, named, alias, depth, cancel);
    }

    /// <summary>An alias accepts a message when one of its targets does; a deleted target does not affect the others.</summary>
    private async ValueTask<SmtpReply?> AddTargetsAsync(
        ResolvedRecipients found, SessionPolicy policy, EmailAddress named, RecipientResolution.Alias alias, int depth, CancellationToken cancel)
    {
        SmtpReply? refusal = NoSuchUser;
        var taken = false;
        foreach (var target in alias.Targets)
        {
            var answer = await AddAsync(found, policy, named, target, depth + 1, cancel);
            if (answer is null) taken = true;
            else refusal = answer;
        }

        return taken ? null : refusal;
    }
}

/// <summary>The destinations of one message: local accounts, remote addresses and mailing lists, each with the recipient address that led to it.</summary>
public sealed class ResolvedRecipients
{
    public Dictionary<AccountId, EmailAddress> Accounts { get; } = [];

    public Dictionary<EmailAddress, EmailAddress> Remote { get; } = [];

    /// <summary>The mailing lists by their addresses, each with the recipient address that led to it.</summary>
    public Dictionary<EmailAddress, (MailingList List, EmailAddress Named)> Lists { get; } = [];

    /// <summary>The aliases of each recipient that were expanded, and the answer; while one is being expanded, the answer is that it is a loop.</summary>
    internal Dictionary<(EmailAddress Named, EmailAddress Alias), SmtpReply?> Expanded { get; } = [];

    private readonly Dictionary<AccountId, List<EmailAddress>> _further = [];

    /// <summary>Adds an account. It gets the message once, whatever number of addresses lead to it.</summary>
    public void Add(AccountId account, EmailAddress named)
    {
        if (Accounts.TryAdd(account, named) || Accounts[account].Equals(named)) return;
        if (!_further.TryGetValue(account, out var further)) _further[account] = further = [];
        if (!further.Contains(named)) further.Add(named);
    }

    /// <summary>The further addresses that lead to an account, such as the second of <c>ann+a@</c> and <c>ann+b@</c>. Scripts decide for each.</summary>
    public IReadOnlyList<EmailAddress> FurtherOf(AccountId account) => _further.GetValueOrDefault(account) ?? (IReadOnlyList<EmailAddress>)[];
}
