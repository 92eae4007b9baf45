using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Commands;

/// <summary><c>user add|import|list|show|passwd|quota|remove|recover|disable|enable|invitation|app-password|admin|totp</c>.</summary>
internal static class UserCommands
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address, which is also the login name." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "user", "Manage users, their passwords and quotas.",
        Add(factory), UserImportCommand.Create(factory), List(factory), UserShowCommand.Create(factory, Address), Password(factory), QuotaCommands.OfUser(factory, Address), Remove(factory), UserRecoverCommand.Create(factory, Address), Switch(factory, enable: false), Switch(factory, enable: true),
        InvitationCommands.Create(factory), AppPasswordCommands.Create(factory), UserAdminCommands.Create(factory), TotpCommands.Create(factory));

    private static Command Add(CommandFactory factory)
    {
        var source = new PasswordSource();
        var generate = Generate();
        var invite = new Option<bool>("--invite") { Description = "Print a link with which the user chooses the password." };
        return factory.Action(
            "add", "Add a user. Prompts for the password unless an option gives it.",
            ["user add ann@example.org", "user add ann@example.org --generate", "user add ann@example.org --invite", "user add ann@example.org --password-stdin < secret"],
            [Address, .. source.Options, generate, invite, InvitationCommands.Lifetime, factory.Json], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                CheckOne(source.IsGiven(context), context.Get(generate), context.Get(invite));
                if (context.Get(invite)) return await InviteAsync(context, address, cancel);
                using var directory = context.OpenDirectory();
                if (context.Get(generate)) return await GenerateAsync(context, address, password => directory.Administration.AddAccountAsync(address, password, cancel));
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
                var listing = new Listing("id", "address", "enabled", "created", "quota", "kind") { HasDomains = true };
                foreach (var account in await directory.Administration.ListAccountsAsync(domain, cancel))
                    listing.Add(account.Id.Value, account.Address.ToString(), account.Enabled, account.CreatedAt, QuotaCommands.Text(account.Quota), account.IsShared ? "shared" : "user");
                return context.Print(listing);
            });
    }

    private static Command Password(CommandFactory factory)
    {
        var source = new PasswordSource();
        var generate = Generate();
        return factory.Action(
            "passwd", "Change a user's password.", ["user passwd ann@example.org", "user passwd ann@example.org --generate"], [Address, .. source.Options, generate, factory.Json], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                CheckOne(source.IsGiven(context), context.Get(generate));
                using var directory = context.OpenDirectory();
                if (context.Get(generate))
                {
                    return await GenerateAsync(context, address, async password =>
                    {
                        await directory.Administration.SetPasswordAsync(address, password, cancel);
                        return true;
                    });
                }

                var password = context.CreateHasher().Hash(source.Read(context, address));
                await directory.Administration.SetPasswordAsync(address, password, cancel);
                context.WriteLine($"changed the password of {address}");
                return ExitCodes.Success;
            });
    }

    private static Option<bool> Generate() => new("--generate") { Description = "Generate a password and print it." };

    private static void CheckOne(params ReadOnlySpan<bool> given)
    {
        if (given.Count(true) > 1) throw new CommandFailure("give only one of --password, --password-stdin, --generate and --invite", ExitCodes.Usage);
    }

    /// <summary>Sets a generated password, and prints it.</summary>
    private static async Task<int> GenerateAsync<T>(CommandContext context, EmailAddress address, Func<StoredPassword, ValueTask<T>> set)
    {
        var password = GeneratedPassword.New();
        await set(context.CreateHasher().Hash(password));
        var listing = new Listing("address", "password");
        listing.Add(address.ToString(), password);
        return context.Print(listing);
    }

    /// <summary>Adds a user with an invitation, and prints its link.</summary>
    private static async Task<int> InviteAsync(CommandContext context, EmailAddress address, CancellationToken cancel)
    {
        var (link, invitation) = InvitationCommands.New(context);
        using var directory = context.OpenDirectory();
        await directory.Administration.AddAccountsAsync([new NewAccount(address, context.CreateHasher().HashUnknown()) { Invitation = invitation }], cancel);
        return InvitationCommands.Print(context, address, link, invitation);
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
            if (enable && !(await directory.Administration.RequireDomainAsync(address.Domain, cancel)).Enabled)
                context.Shell.WriteError($"the domain {address.Domain} is disabled; enable it with 'mailserver domain enable {address.Domain}'");
            return ExitCodes.Success;
        });
    }
}
