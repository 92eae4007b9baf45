using System.CommandLine;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary><c>user add|list|show|passwd|quota|remove|recover|disable|enable|app-password|admin|totp</c>.</summary>
internal static class UserCommands
{
    private static readonly Argument<string> s_address = new("ADDRESS") { Description = "The user's address, which is the login too." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "user", "The users: who signs in and owns mail.",
        Add(factory), List(factory), UserShowCommand.Create(factory, s_address), Password(factory), QuotaCommands.OfUser(factory, s_address), Remove(factory), UserRecoverCommand.Create(factory, s_address), Switch(factory, enable: false), Switch(factory, enable: true),
        AppPasswordCommands.Create(factory), UserAdminCommands.Create(factory), TotpCommands.Create(factory));

    private static Command Add(CommandFactory factory)
    {
        var source = new PasswordSource();
        return factory.Action(
            "add", "Adds a user. Without an option for it the password is asked for twice.",
            ["user add ann@example.org", "user add ann@example.org --password-stdin < secret"], [s_address, source.Password, source.FromStdin], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(s_address));
                using var directory = context.OpenDirectory();
                var password = context.CreateHasher().Hash(source.Read(context, address.ToString()));
                await directory.Administration.AddAccountAsync(address, password, cancel);
                context.Say($"added {address}");
                return ExitCodes.Done;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var only = new Option<string>("--domain") { Description = "Only the users of this domain.", HelpName = "D" };
        return factory.Action(
            "list", "Lists the users.", ["user list", "user list --domain example.org --json"], [only, factory.Json], async (context, cancel) =>
            {
                var domain = context.Get(only) is { } name ? CommandContext.Domain(name) : null;
                using var directory = context.OpenDirectory();
                var listing = new Listing("id", "address", "enabled", "created", "quota");
                foreach (var account in await directory.Administration.ListAccountsAsync(domain, cancel))
                    listing.Add(account.Id.Value, account.Address.ToString(), account.Enabled, account.CreatedAt, QuotaCommands.Text(account.Quota));
                return context.Print(listing);
            });
    }

    private static Command Password(CommandFactory factory)
    {
        var source = new PasswordSource();
        return factory.Action(
            "passwd", "Sets a user's password.", ["user passwd ann@example.org"], [s_address, source.Password, source.FromStdin], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(s_address));
                using var directory = context.OpenDirectory();
                var password = context.CreateHasher().Hash(source.Read(context, address.ToString()));
                await directory.Administration.SetPasswordAsync(address, password, cancel);
                context.Say($"set the password of {address}");
                return ExitCodes.Done;
            });
    }

    private static Command Remove(CommandFactory factory)
    {
        var purge = new Option<bool>("--purge") { Description = "Delete the user's mail too." };
        return factory.Action(
            "remove", "Removes a user, and the user from aliases.", ["user remove ann@example.org", "user remove ann@example.org --purge"], [s_address, purge], async (context, cancel) =>
            {
                using var directory = context.OpenDirectory();
                var account = await directory.Administration.RemoveAccountAsync(CommandContext.Address(context.Get(s_address)), cancel);
                context.Say($"removed {account.Address}");
                context.DiscardMail([account], context.Get(purge));
                return ExitCodes.Done;
            });
    }

    private static Command Switch(CommandFactory factory, bool enable)
    {
        var (name, description) = enable ? ("enable", "Lets a user sign in and receive mail again.") : ("disable", "Stops a user from signing in and receiving mail; the mail stays.");
        return factory.Action(name, description, [$"user {name} ann@example.org"], [s_address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(s_address));
            using var directory = context.OpenDirectory();
            await directory.Administration.SetEnabledAsync(address, enable, cancel);
            context.Say($"{name}d {address}");
            return ExitCodes.Done;
        });
    }
}
