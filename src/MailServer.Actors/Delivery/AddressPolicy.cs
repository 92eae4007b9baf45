using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Who may send what to whom: the answers to MAIL and RCPT, and the places a list of recipients leads to. Mail from outside is taken for
/// hosted domains only, mail of our accounts for anywhere (never an open relay).
/// </summary>
public sealed class AddressPolicy(IDirectory directory, Limits limits, string hostname, SenderRewriter? rewriter = null)
{
    internal static readonly SmtpReply Unavailable = new(451, "4.3.0", "Temporary failure, try again later");
    private static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender OK");
    private static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient OK");
    private static readonly SmtpReply NotYourAddress = new(550, "5.7.1", "The sender is not an address of your account");
    private static readonly SmtpReply RelayDenied = new(550, "5.7.1", "Relaying denied: mail for that domain is not taken here");
    private static readonly SmtpReply NoSuchUser = new(550, "5.1.1", "No such user here");
    private static readonly SmtpReply UserDisabled = new(550, "5.2.1", "That account is disabled");
    private static readonly SmtpReply AliasLoop = new(550, "5.4.6", "That address is an alias of itself");

    public async ValueTask<SmtpReply> CheckSenderAsync(SessionPolicy policy, Account? account, EmailAddress? sender, CancellationToken cancel)
    {
        if (policy == SessionPolicy.Receiving) return SenderOk;
        // Read receipts and bounces of mail programs have a null sender (RFC 8098 §3); From is checked when it has come.
        if (sender is null) return SenderOk;
        return account is not null && await directory.MaySendAsAsync(account.Id, sender, cancel) ? SenderOk : NotYourAddress;
    }

    /// <param name="policy">Of the session.</param>
    /// <param name="recipient">Who is named.</param>
    /// <param name="quotas">Refuses mail for a mailbox that is full; null: the mailbox itself does.</param>
    /// <param name="cancel">Ends the question.</param>
    internal async ValueTask<SmtpReply> CheckRecipientAsync(SessionPolicy policy, EmailAddress recipient, QuotaGate? quotas, CancellationToken cancel)
    {
        var destinations = new Destinations();
        if (await AddAsync(destinations, policy, recipient, recipient, 0, cancel) is { } refusal) return refusal;
        // Of several mailboxes behind an alias the others are to have the message.
        var isAlone = destinations.Accounts.Count == 1 && destinations.Remote.Count == 0;
        return (isAlone && quotas is not null ? await quotas.CheckAsync(destinations.Accounts.Keys.First(), cancel) : null) ?? RecipientOk;
    }

    /// <summary>True when <paramref name="account"/> may write as every one of <paramref name="authors"/>.</summary>
    public async ValueTask<bool> MayWriteAsAsync(Account account, IReadOnlyList<EmailAddress> authors, CancellationToken cancel)
    {
        foreach (var author in authors)
            if (!await directory.MaySendAsAsync(account.Id, author, cancel)) return false;

        return authors.Count > 0;
    }

    /// <summary>Where a message goes, each place once. The refusal is not null when one of the recipients no longer leads anywhere.</summary>
    public async ValueTask<(Destinations Destinations, SmtpReply? Refusal)> ResolveAsync(MailTransaction transaction, CancellationToken cancel)
    {
        var destinations = new Destinations();
        foreach (var recipient in transaction.Recipients)
            if (await AddAsync(destinations, transaction.Policy, recipient, recipient, 0, cancel) is { } refusal) return (destinations, refusal);

        return (destinations, null);
    }

    private async ValueTask<SmtpReply?> AddAsync(
        Destinations found, SessionPolicy policy, EmailAddress named, EmailAddress address, int depth, CancellationToken cancel)
    {
        if (depth > limits.AliasDepth) return AliasLoop;
        if (depth == 0 && await RestoreAsync(address, cancel) is { } sender) return await AddAsync(found, policy, named, sender, depth + 1, cancel);
        switch (await ResolveAsync(address, cancel))
        {
            case RecipientResolution.Local local:
                found.Accounts.TryAdd(local.Account, named);
                return null;
            case RecipientResolution.Alias alias:
                return await AddTargetsAsync(found, policy, named, alias, depth, cancel);
            case RecipientResolution.Disabled:
                return UserDisabled;
            case RecipientResolution.Unknown:
                return NoSuchUser;
            // An alias of ours may lead elsewhere whoever sent the message; a recipient that the peer named may not.
            case RecipientResolution.Remote when policy == SessionPolicy.Receiving && depth == 0:
                return RelayDenied;
            case RecipientResolution.Remote:
                found.Remote.TryAdd(address, named);
                return null;
            default:
                return Unavailable;
        }
    }

    /// <summary>The sender whose mail we handed on under this address of ours, and who is told what became of it; null when it is no such address.</summary>
    private async ValueTask<EmailAddress?> RestoreAsync(EmailAddress address, CancellationToken cancel)
    {
        if (rewriter is null || !SenderRewriter.IsRewritten(address) || !await directory.IsHostedAsync(address.Domain, cancel)) return null;
        return rewriter.Restore(address);
    }

    /// <summary><c>postmaster</c> at the name of the host itself is the postmaster of the domain above it (RFC 5321 §4.5.1).</summary>
    private async ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel)
    {
        var resolution = await directory.ResolveAsync(address, cancel);
        var isHosts = resolution is RecipientResolution.Remote && address.Domain.Equals(hostname, StringComparison.OrdinalIgnoreCase);
        if (!isHosts || !address.Local.Equals("postmaster", StringComparison.OrdinalIgnoreCase)) return resolution;
        return EmailAddress.TryParse($"postmaster@{hostname[(hostname.IndexOf('.', StringComparison.Ordinal) + 1)..]}", out var above)
            ? await directory.ResolveAsync(above, cancel)
            : resolution;
    }

    /// <summary>An alias takes the message when one of its targets does; a target that is gone does not spoil the others.</summary>
    private async ValueTask<SmtpReply?> AddTargetsAsync(
        Destinations found, SessionPolicy policy, EmailAddress named, RecipientResolution.Alias alias, int depth, CancellationToken cancel)
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

/// <summary>Where one message goes: accounts of this server, and addresses elsewhere; each with the recipient that the client named and that led there.</summary>
public sealed class Destinations
{
    public Dictionary<AccountId, EmailAddress> Accounts { get; } = [];

    public Dictionary<EmailAddress, EmailAddress> Remote { get; } = [];
}
