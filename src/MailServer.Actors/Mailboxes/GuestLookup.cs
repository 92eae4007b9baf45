using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>Finds the account that an identifier of an access control list means: an account, or an alias of exactly one.</summary>
public static class GuestLookup
{
    /// <summary>Returns null if there is no such account, it is disabled, or it is a shared mailbox.</summary>
    public static async ValueTask<MailboxGuest?> FindAsync(IDirectory directory, EmailAddress address, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(limits);
        var next = address;
        for (var depth = 0; depth <= limits.AliasDepth; depth++)
        {
            switch (await directory.ResolveAsync(next, CancellationToken.None))
            {
                case RecipientResolution.Local { Account: var id, Tag: null }:
                    return await CheckAsync(directory, id, address);
                case RecipientResolution.Alias { Targets: [var target] }:
                    next = target;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    // A catch-all or the postmaster of a domain is nobody's name.
    private static async ValueTask<MailboxGuest?> CheckAsync(IDirectory directory, AccountId id, EmailAddress address)
    {
        if (await directory.FindAccountAsync(id, CancellationToken.None) is not { IsShared: false } account) return null;
        return (await directory.AddressesOfAsync(id, CancellationToken.None)).Contains(address) ? new MailboxGuest(id, account.Address) : null;
    }
}
