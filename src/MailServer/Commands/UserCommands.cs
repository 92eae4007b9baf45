using System.CommandLine;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary><c>user add|list|show|passwd|quota|remove|recover|disable|enable|app-password|admin|totp</c>.</summary>
internal static class UserCommands
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address, which is also the login name." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "user", "Manage users, their passwords and quotas.",
        Add(factory), List(factory), UserShowCommand.Create(factory, Address), Password(factory), QuotaCommands.OfUser(factory, Address), Remove(factory), UserRecoverCommand.Create(factory, Address), Switch(factory, enable: false), Switch(factory, enable: true),
        AppPasswordCommands.Create(factory), UserAdminCommands.Create(factory), TotpCommands.Create(factory));

    private static Command Add(CommandFactory factory)
    {
        var source = new PasswordSource();
        return factory.Action(
            "add", "Add a user. Prompts for the password unless an option gives it.",
            ["user add ann@example.org", "user add ann@example.org --password-stdin < secret"], [Address, .. source.Options], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                using var directory = context.OpenDirectory();
                var password = context.CreateHasher().Hash(source.Read(context, address));
                await directory.Administration.AddAccountAsync(address, password, cancel);
                context.WriteLine($"added {address}");
                return ExitCodes.Success;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var only = new Option<string>("--domain") { Description = "Show only users in this domain.", HelpName = "D" };
        return factory.Action(
            "list", "List users.", ["user list", "user list --domain example.org --json"], [only, factory.Json], async (context, cancel) =>
            {
                var domain = context.Get(only) is { } name ? CommandContext.Domain(name) : null;
                using var directory = context.OpenDirectory();
                var listing = new Listing("id", "address", "enabled", "created", "quota") { HasDomains = true };
                foreach (var account in await directory.Administration.ListAccountsAsync(domain, cancel))
                    listing.Add(account.Id.Value, account.Address.ToString(), account.Enabled, account.CreatedAt, QuotaCommands.Text(account.Quota));
                return context.Print(listing);
            });
    }

    private static Command Password(CommandFactory factory)
    {
        var source = new PasswordSource();
        return factory.Action(
            "passwd", "Change a user's password.", ["user passwd ann@example.org"], [Address, .. source.Options], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                using var directory = context.OpenDirectory();
                var password = context.CreateHasher().Hash(source.Read(context, address));
                await directory.Administration.SetPasswordAsync(address, password, cancel);
                context.WriteLine($"changed the password of {address}");
                return ExitCodes.Success;
            });
    }

    private static Command Remove(CommandFactory factory)
    {
        var purge = new Option<bool>("--purge") { Description = "Also delete the user's mail." };
        return factory.Action(
            "remove", "Remove a user, also from all aliases.", ["user remove ann@example.org", "user remove ann@example.org --purge"], [Address, purge], async (context, cancel) =>
            {
                using var directory = context.OpenDirectory();
                var account = await directory.Administration.RemoveAccountAsync(CommandContext.Address(context.Get(Address)), cancel);
                context.WriteLine($"removed {account.Address}");
                context.PurgeOrKeepMail([account], context.Get(purge));
                return ExitCodes.Success;
            });
    }

    private static Command Switch(CommandFactory factory, bool enable)
    {
        var (name, description) = enable ? ("enable", "Let a disabled user sign in and receive mail again.") : ("disable", "Stop a user from signing in and receiving mail. Existing mail is kept.");
        return factory.Action(name, description, [$"user {name} ann@example.org"], [Address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            context.WriteLine(await directory.Administration.SetEnabledAsync(address, enable, cancel) ? $"{name}d {address}" : $"nothing changed: {address} is {name}d already");
            return ExitCodes.Success;
        });
    }
}
