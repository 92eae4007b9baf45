using System.CommandLine;
using System.Security.Cryptography;
using MailServer.Common;
using MailServer.Domain.Access;

namespace MailServer.Commands;

/// <summary><c>user app-password add|list|remove|require</c>: passwords of single devices.</summary>
internal static class AppPasswordCommands
{
    private const int LongestName = 60;
    private const int SecretOctets = 16;
    private static readonly Argument<string> s_address = new("ADDRESS") { Description = "The user's address." };
    private static readonly Argument<string> s_name = new("NAME") { Description = "The device, such as 'phone'." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "app-password", "Passwords of single devices, which can be taken back one by one.", Add(factory), List(factory), Remove(factory), Require(factory));

    private static Command Add(CommandFactory factory)
    {
        var scope = new Option<string>("--scope") { Description = "What it opens, separated by commas: mail (IMAP), submit (sending), dav (calendars, contacts, files). Without it: all.", HelpName = "LIST" };
        return factory.Action(
            "add", "Makes a password for a device and shows it, once.", ["user app-password add ann@example.org phone", "user app-password add ann@example.org scanner --scope submit"],
            [s_address, s_name, scope, factory.Json], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(s_address));
                var name = context.Get(s_name);
                if (name.Length is 0 or > LongestName || name.Any(char.IsControl)) throw new CommandFailure("the name cannot be used", ExitCodes.Usage);
                var secret = AppPasswordSecret.Write(RandomNumberGenerator.GetBytes(SecretOctets));
                using var directory = context.OpenDirectory();
                var added = await directory.Administration.AddAppPasswordAsync(address, name, Scope(context.Get(scope)), AppPasswordSecret.DigestOf(secret)!, cancel);
                var listing = new Listing("address", "name", "scope", "password");
                listing.Add(address.ToString(), added.Name, AccessScopes.NamesOf(added.Scope), secret);
                return context.Print(listing);
            });
    }

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "Lists a user's app passwords and when each was last used.", ["user app-password list ann@example.org"], [s_address, factory.Json], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("name", "scope", "created", "last_used");
            foreach (var p in await directory.Administration.ListAppPasswordsAsync(CommandContext.Address(context.Get(s_address)), cancel))
                listing.Add(p.Name, AccessScopes.NamesOf(p.Scope), p.CreatedAt, p.LastUsedAt is { } used ? used : "never");
            return context.Print(listing);
        });

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Takes a device's password back; connections that it opened end within seconds.", ["user app-password remove ann@example.org phone"], [s_address, s_name], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            await directory.Administration.RemoveAppPasswordAsync(CommandContext.Address(context.Get(s_address)), context.Get(s_name), cancel);
            context.Say($"removed {context.Get(s_name)}");
            return ExitCodes.Done;
        });

    private static Command Require(CommandFactory factory)
    {
        var off = new Option<bool>("--off") { Description = "Let the user's own password open everything again." };
        return factory.Action(
            "require", "From now on mail, sending and calendars need an app password; the user's own opens the user's page alone.", ["user app-password require ann@example.org", "user app-password require ann@example.org --off"],
            [s_address, off], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(s_address));
                using var directory = context.OpenDirectory();
                await directory.Administration.SetAppPasswordsOnlyAsync(address, !context.Get(off), cancel);
                context.Say(context.Get(off) ? $"{address} may use any password" : $"{address} needs app passwords");
                return ExitCodes.Done;
            });
    }

    private static AccessScope Scope(string? list)
    {
        if (list is null) return AccessScope.Device;
        var scope = AccessScope.None;
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries))
            scope |= AccessScopes.TryParse(name, out var one) ? one : throw new CommandFailure($"'{name}' is no scope: one of mail, submit, dav", ExitCodes.Usage);
        return scope;
    }
}
