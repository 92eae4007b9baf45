using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Scheduling;

namespace MailServer.Web.Dav.Sharing;

/// <summary>Resolves the URL or address of a principal to an account.</summary>
internal static class PrincipalResolver
{
    /// <summary>Finds an account by a <c>mailto:</c> or principal URL; null if there is no such account on this server.</summary>
    public static ValueTask<Account?> FindAsync(DavServices services, string href, CancellationToken cancel)
    {
        if (href.TrimStart().StartsWith(CalendarUserAddress.MailTo, StringComparison.OrdinalIgnoreCase))
            return CalendarUserAddress.Parse(href) is { } address ? FindAsync(services, address, cancel) : default;
        return DavUrl.PathOf(href) is { } path && DavUrl.TryParse(path, services.Limits, out var target) && target is DavTarget.Principal principal
            ? FindAsync(services, principal.Address, cancel)
            : default;
    }

    /// <summary>Finds an account by its address or by an alias with a single target.</summary>
    public static async ValueTask<Account?> FindAsync(DavServices services, EmailAddress address, CancellationToken cancel)
    {
        for (var depth = 0; depth <= services.Limits.AliasDepth; depth++)
        {
            switch (await services.Directory.ResolveAsync(address, cancel))
            {
                case RecipientResolution.Local { Tag: null } local:
                    return await services.Directory.FindAccountAsync(local.Account, cancel);
                case RecipientResolution.Alias { Targets: [var target] }:
                    address = target;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }
}
