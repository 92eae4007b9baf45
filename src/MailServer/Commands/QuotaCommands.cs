using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;

namespace MailServer.Commands;

/// <summary><c>user quota</c> and <c>domain quota</c>: the storage limits of mailboxes.</summary>
internal static class QuotaCommands
{
    private const string None = "none";
    private const string Default = "default";

    private static readonly Argument<string?> SizeArgument = new("SIZE")
    {
        Description = "A size such as 500M or 5G (powers of 1024), or 'none' for no limit. Without it, show the quota.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command OfUser(CommandFactory factory, Argument<string> address) => factory.Action(
        "quota", "Set or show a user's mailbox quota. 'default' restores the domain's quota. Changes apply at once.",
        ["user quota ann@example.org 5G", "user quota ann@example.org default", "user quota ann@example.org"], [address, SizeArgument, factory.Json], async (context, cancel) =>
        {
            var user = CommandContext.Address(context.Get(address));
            using var directory = context.OpenDirectory();
            if (context.GetOptional(SizeArgument) is { } text)
            {
                var isChanged = await directory.Administration.SetQuotaAsync(user, text switch { Default => null, None => 0, _ => Size(text) }, cancel);
                context.WriteLine(isChanged ? $"set the quota of {user}" : $"nothing changed: {user} has this quota already");
                return ExitCodes.Success;
            }

            var account = (await directory.FindLoginAsync(user, cancel))?.Account ?? throw new DirectoryException(DirectoryRefusal.AccountUnknown, user.ToString());
            var listing = new Listing("address", "quota", "from");
            listing.Add(account.Address.ToString(), Text(account.Quota), Origin(account));
            return context.Print(listing);
        });

    public static Command OfDomain(CommandFactory factory, Argument<string> name) => factory.Action(
        "quota", "Set or show the quota for users of a domain who have no quota of their own. Changes apply at once.",
        ["domain quota example.org 2G", "domain quota example.org none", "domain quota example.org"], [name, SizeArgument, factory.Json], async (context, cancel) =>
        {
            var domain = CommandContext.Domain(context.Get(name));
            using var directory = context.OpenDirectory();
            if (context.GetOptional(SizeArgument) is { } text)
            {
                var isChanged = await directory.Administration.SetDomainQuotaAsync(domain, text == None ? null : Size(text), cancel);
                context.WriteLine(isChanged ? $"set the quota of {domain}" : $"nothing changed: {domain} has this quota already");
                return ExitCodes.Success;
            }

            var entry = (await directory.Administration.ListDomainsAsync(cancel)).FirstOrDefault(d => d.Name == domain)
                ?? throw new DirectoryException(DirectoryRefusal.DomainUnknown, domain);
            var listing = new Listing("domain", "quota");
            listing.Add(domain, Text(entry.Quota));
            return context.Print(listing);
        });

    public static string Text(long? quota) => quota is { } octets ? QuotaSize.Format(octets) : None;

    public static string Origin(Account account) => account.HasOwnQuota ? "user" : account.Quota is null ? "" : "domain";

    private static long Size(string text) => QuotaSize.TryParse(text, out var octets)
        ? octets
        : throw new CommandFailure($"'{text}' is not a valid size (500M, 5G, none)", ExitCodes.Usage);
}
