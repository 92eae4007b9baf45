using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Commands;

/// <summary><c>alias add|list|comment|disable|enable|remove</c>.</summary>
internal static class AliasCommands
{
    private static readonly Argument<string> AliasArgument = new("ADDRESS") { Description = "The alias, a pattern such as sales-*@example.org, or @domain for a catch-all." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "alias", "Manage aliases: addresses that forward to other addresses.", Add(factory), List(factory), Comment(factory), Switch(factory, enable: false), Switch(factory, enable: true), Remove(factory));

    private static Command Add(CommandFactory factory)
    {
        var targets = new Argument<string[]>("TARGET") { Description = "The address that its mail is delivered to.", Arity = ArgumentArity.OneOrMore };
        return factory.Action(
            "add", "Add an alias, or add targets to an existing one.",
            ["alias add info@example.org ann@example.org bob@example.org", "alias add 'sales-*@example.org' ann@example.org", "alias add @example.org ann@example.org"], [AliasArgument, targets], async (context, cancel) =>
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
            var listing = new Listing("alias", "targets", "enabled", "comment") { HasDomains = true };
            foreach (var entry in await directory.Administration.ListAliasesAsync(domain, cancel))
                listing.Add(entry.Alias.ToString(), entry.Targets.Select(static t => t.ToString()).ToArray(), entry.Enabled, entry.Comment);
            return context.Print(listing);
        });
    }

    private static Command Comment(CommandFactory factory)
    {
        var text = factory.AllowEmptyValue(new Argument<string>("TEXT") { Description = "The comment; '' removes it." });
        return factory.Action(
            "comment", "Write a comment about an alias, for administrators.", ["alias comment info@example.org 'the address on the web site'", "alias comment info@example.org ''"], [AliasArgument, text], async (context, cancel) =>
            {
                var (alias, comment) = (Alias(context), context.Get(text).Trim());
                if (!AliasEntry.IsComment(comment)) throw new CommandFailure($"a comment is one line of at most {AliasEntry.LongestComment} characters", ExitCodes.Usage);
                using var directory = context.OpenDirectory();
                context.WriteLine(!await directory.Administration.SetAliasCommentAsync(alias, comment, cancel) ? $"nothing changed: {alias} has this comment already"
                    : comment.Length == 0 ? $"removed the comment of {alias}"
                    : $"saved the comment of {alias}");
                return ExitCodes.Success;
            });
    }

    private static Command Switch(CommandFactory factory, bool enable)
    {
        var (name, description) = enable ? ("enable", "Accept and forward mail for a disabled alias again.") : ("disable", "Refuse mail for an alias. Its targets are kept.");
        return factory.Action(name, description, [$"alias {name} info@example.org"], [AliasArgument], async (context, cancel) =>
        {
            var alias = Alias(context);
            using var directory = context.OpenDirectory();
            context.WriteLine(await directory.Administration.SetAliasEnabledAsync(alias, enable, cancel) ? $"{name}d {alias}" : $"nothing changed: {alias} is {name}d already");
            return ExitCodes.Success;
        });
    }

    private static Command Remove(CommandFactory factory)
    {
        var target = new Argument<string?>("TARGET") { Description = "Remove only this target. Default: the alias with all its targets.", Arity = ArgumentArity.ZeroOrOne };
        return factory.Action(
            "remove", "Remove an alias, or one of its targets.", ["alias remove info@example.org", "alias remove info@example.org bob@example.org"], [AliasArgument, target], async (context, cancel) =>
            {
                var alias = Alias(context);
                using var directory = context.OpenDirectory();
                if (context.GetOptional(target) is { } text)
                {
                    var address = CommandContext.Address(text);
                    await directory.Administration.RemoveAliasTargetAsync(alias, address, cancel);
                    context.WriteLine($"{alias} no longer forwards to {address}");
                    return ExitCodes.Success;
                }

                await directory.Administration.RemoveAliasAsync(alias, cancel);
                context.WriteLine($"removed {alias}");
                return ExitCodes.Success;
            });
    }

    private static AliasAddress Alias(CommandContext context) =>
        AliasAddress.TryParse(context.Get(AliasArgument), out var alias) ? alias : throw new CommandFailure($"'{context.Get(AliasArgument)}' is not an email address or @domain", ExitCodes.Usage);
}
