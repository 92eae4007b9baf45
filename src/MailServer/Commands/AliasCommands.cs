using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Commands;

/// <summary><c>alias add|list|remove</c>.</summary>
internal static class AliasCommands
{
    private static readonly Argument<string> AliasArgument = new("ADDRESS") { Description = "The alias, or @domain for a catch-all." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "alias", "Manage aliases: addresses that forward to other addresses.", Add(factory), List(factory), Remove(factory));

    private static Command Add(CommandFactory factory)
    {
        var targets = new Argument<string[]>("TARGET") { Description = "The address that its mail is delivered to.", Arity = ArgumentArity.OneOrMore };
        return factory.Action(
            "add", "Add an alias, or add targets to an existing one.",
            ["alias add info@example.org ann@example.org bob@example.org", "alias add @example.org ann@example.org"], [AliasArgument, targets], async (context, cancel) =>
            {
                var alias = Alias(context);
                var addresses = context.Get(targets).Select(CommandContext.Address).ToArray();
                using var directory = context.OpenDirectory();
                var added = await directory.Administration.AddAliasAsync(alias, addresses, cancel);
                context.WriteLine($"{alias} forwards to {string.Join(", ", added)}");
                var before = addresses.Except(added).ToArray();
                if (before.Length > 0) context.WriteLine($"it forwarded to {string.Join<EmailAddress>(", ", before)} before");
                foreach (var address in addresses)
                {
                    if (await directory.ResolveAsync(address, cancel) is RecipientResolution.Unknown)
                        context.Shell.WriteError($"warning: '{address}' does not exist yet");
                }

                return ExitCodes.Success;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var only = new Option<string>("--domain") { Description = "Show only aliases in this domain.", HelpName = "D" };
        return factory.Action("list", "List aliases and their targets.", ["alias list", "alias list --json"], [only, factory.Json], async (context, cancel) =>
        {
            var domain = context.Get(only) is { } name ? CommandContext.Domain(name) : null;
            using var directory = context.OpenDirectory();
            var listing = new Listing("alias", "targets") { HasDomains = true };
            foreach (var entry in await directory.Administration.ListAliasesAsync(domain, cancel))
                listing.Add(entry.Alias.ToString(), entry.Targets.Select(static t => t.ToString()).ToArray());
            return context.Print(listing);
        });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove an alias with all its targets.", ["alias remove info@example.org"], [AliasArgument], static async (context, cancel) =>
        {
            var alias = Alias(context);
            using var directory = context.OpenDirectory();
            await directory.Administration.RemoveAliasAsync(alias, cancel);
            context.WriteLine($"removed {alias}");
            return ExitCodes.Success;
        });

    private static AliasAddress Alias(CommandContext context) =>
        AliasAddress.TryParse(context.Get(AliasArgument), out var alias) ? alias : throw new CommandFailure($"'{context.Get(AliasArgument)}' is not an email address or @domain", ExitCodes.Usage);
}
