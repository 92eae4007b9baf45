using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Admin;

/// <summary>Finds accounts by their own address, also shared mailboxes, which have no login.</summary>
internal static class AccountLookup
{
    /// <summary>Returns null if there is no such account, or it is a disabled shared mailbox.</summary>
    public static async ValueTask<Account?> FindAsync(IDirectory directory, string text, CancellationToken cancel)
    {
        if (!EmailAddress.TryParse(text, out var address)) return null;
        if (await directory.FindLoginAsync(address, cancel) is { Account: var user }) return user;
        return await directory.ResolveAsync(address, cancel) is RecipientResolution.Local { Tag: null } local
            && await directory.FindAccountAsync(local.Account, cancel) is { } account && account.Address.Equals(address) ? account : null;
    }
}
