using System.CommandLine;
using System.Security.Cryptography;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;

namespace MailServer.Commands;

/// <summary><c>user app-password add|list|remove|require</c>: one password for each device.</summary>
internal static class AppPasswordCommands
{
    private const int LongestName = 60;
    private const int SecretOctets = 16;
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address." };
    private static readonly Argument<string> Name = new("NAME") { Description = "A name for the device, such as 'phone'." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "app-password", "Manage app passwords: one password for each device, revoked one by one.", Add(factory), List(factory), Remove(factory), Require(factory));

    private static Command Add(CommandFactory factory)
    {
        var scope = new Option<string>("--scope") { Description = "What it gives access to, separated by commas: mail (IMAP), submit (sending), dav (calendars, contacts, files). Default: everything.", HelpName = "LIST" };
        var expires = new Option<string>("--expires") { Description = "When it expires: after a duration such as 12h or 90d. Default: never.", HelpName = "DURATION" };
        var networks = new Option<string>("--networks") { Description = "The addresses and networks from which it may be used, separated by commas. Default: all.", HelpName = "LIST" };
        return factory.Action(
            "add", "Create an app password for a device and print it. It is not shown again.", ["user app-password add ann@example.org phone", "user app-password add ann@example.org scanner --scope submit --networks 192.0.2.0/24", "user app-password add ann@example.org guest --expires 7d"],
            [Address, Name, scope, expires, networks, factory.Json], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                var name = context.Get(Name);
                if (name.Length is 0 or > LongestName || name.Any(char.IsControl)) throw new CommandFailure("the name is too long or contains control characters", ExitCodes.Usage);
                var limits = Limits(context.Get(expires), context.Get(networks));
                var secret = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(SecretOctets));
                using var directory = context.OpenDirectory();
                var added = await directory.Administration.AddAppPasswordAsync(address, name, Scope(context.Get(scope)), AppPasswordSecret.DigestOf(secret)!, limits, cancel);
                var listing = new Listing("address", "name", "scope", "password");
                listing.Add(address.ToString(), added.Name, AccessScopes.NamesOf(added.Scope), secret);
                return context.Print(listing);
            });
    }

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List a user's app passwords and when each was last used.", ["user app-password list ann@example.org"], [Address, factory.Json], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("name", "scope", "created", "last_used", "expires", "networks");
            foreach (var p in await directory.Administration.ListAppPasswordsAsync(CommandContext.Address(context.Get(Address)), cancel))
                listing.Add(p.Name, AccessScopes.NamesOf(p.Scope), p.CreatedAt, p.LastUsedAt is { } used ? used : "never", p.Validity.ExpiresAt is { } end ? end : "never", p.Validity.Networks.Count == 0 ? "all" : p.Validity.NetworksText);
            return context.Print(listing);
        });

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Revoke an app password. Its open connections end within seconds.", ["user app-password remove ann@example.org phone"], [Address, Name], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            await directory.Administration.RemoveAppPasswordAsync(CommandContext.Address(context.Get(Address)), context.Get(Name), cancel);
            context.WriteLine($"revoked {context.Get(Name)}");
            return ExitCodes.Success;
        });

    private static Command Require(CommandFactory factory)
    {
        var off = new Option<bool>("--off") { Description = "Allow the account password for everything again." };
        return factory.Action(
            "require", "Require app passwords for mail, sending and calendars. The account password then opens only the user's web page.", ["user app-password require ann@example.org", "user app-password require ann@example.org --off"],
            [Address, off], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                using var directory = context.OpenDirectory();
                var isChanged = await directory.Administration.SetAppPasswordsOnlyAsync(address, !context.Get(off), cancel);
                context.WriteLine((isChanged ? "" : "nothing changed: ") + (context.Get(off) ? $"{address} may use the account password everywhere" : $"{address} must use app passwords"));
                return ExitCodes.Success;
            });
    }

    private static AppPasswordLimits Limits(string? expires, string? networks)
    {
        DateTimeOffset? end = null;
        if (expires is not null)
        {
            if (!ConfigurationValues.Duration.TryRead(expires, out var after) || after <= TimeSpan.Zero) throw new CommandFailure($"--expires takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
            end = TimeProvider.System.GetUtcNow() + after;
        }

        return AppPasswordLimits.TryParseNetworks(networks ?? "", out var allowed)
            ? new AppPasswordLimits(end, allowed)
            : throw new CommandFailure($"'{networks}' is not a list of addresses and networks such as 192.0.2.7,2001:db8::/32", ExitCodes.Usage);
    }

    private static AccessScope Scope(string? list)
    {
        if (list is null) return AccessScope.Device;
        var scope = AccessScope.None;
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries))
            scope |= AccessScopes.TryParse(name, out var one) ? one : throw new CommandFailure($"'{name}' is not a valid scope (mail, submit, dav)", ExitCodes.Usage);
        return scope;
    }
}
