using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Formatting;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>lists add|list|show|set|subscribe|unsubscribe|disable|enable|remove</c>.</summary>
internal static class MailingListCommands
{
    private const string None = "none";

    private static readonly Argument<string> ListArgument = new("LIST") { Description = "The address of the list." };
    private static readonly Option<string> Owner = new("--owner") { Description = "Who gets bounces and mail to LIST-owner.", HelpName = "ADDRESS" };
    private static readonly Option<string> Name = new("--name") { Description = $"The name that mail programs show, or '{None}'.", HelpName = "NAME" };
    private static readonly Option<string> Post = new("--post") { Description = "Who may write to the list: members (default), anyone or owner.", HelpName = "WHO" };
    private static readonly Option<string> Replies = new("--replies") { Description = "Where answers go: to the author (default) or to the list.", HelpName = "WHERE" };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "lists", "Manage mailing lists: addresses whose mail goes to all members.",
        Add(factory), List(factory), Show(factory), Set(factory), Subscribe(factory), Unsubscribe(factory), Switch(factory, enable: false), Switch(factory, enable: true), Remove(factory));

    private static Command Add(CommandFactory factory)
    {
        var members = new Argument<string[]>("MEMBER") { Description = "The members, here or on other servers.", Arity = ArgumentArity.ZeroOrMore };
        var owner = new Option<string>("--owner") { Description = "Who gets bounces and mail to LIST-owner.", HelpName = "ADDRESS", Required = true };
        return factory.Action(
            "add", "Add a mailing list.",
            ["lists add team@example.org --owner ann@example.org --name 'The team' ann@example.org ben@example.net", "lists add news@example.org --owner ann@example.org --post owner"],
            [ListArgument, members, owner, Name, Post, Replies], async (context, cancel) =>
            {
                var list = CommandContext.Address(context.Get(ListArgument));
                var settings = Read(context, new MailingListSettings(CommandContext.Address(context.Get(owner)!)));
                var addresses = (context.GetOptional(members) ?? []).Select(CommandContext.Address).ToArray();
                using var directory = context.OpenDirectory();
                var added = await directory.Administration.AddListAsync(list, settings, addresses, cancel);
                context.WriteLine($"added the list {list} with {Quantity.Of(added.Count, "member")}");
                await WarnAsync(context, directory, [settings.Owner, .. added], cancel);
                return ExitCodes.Success;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var only = new Option<string>("--domain") { Description = "Show only lists in this domain.", HelpName = "D" };
        return factory.Action("list", "List the mailing lists.", ["lists list", "lists list --json"], [only, factory.Json], async (context, cancel) =>
        {
            var domain = context.Get(only) is { } name ? CommandContext.Domain(name) : null;
            using var directory = context.OpenDirectory();
            var listing = new Listing("list", "name", "owner", "members", "post", "replies", "enabled") { HasDomains = true };
            foreach (var list in await directory.Administration.ListMailingListsAsync(domain, cancel))
                listing.Add(list.Address.ToString(), list.Settings.Name, list.Settings.Owner.ToString(), list.Members.Count, MailingListText.Of(list.Settings.Posting), RepliesOf(list), list.Enabled);
            return context.Print(listing);
        });
    }

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show the members of a list.", ["lists show team@example.org", "lists show team@example.org --json"], [ListArgument, factory.Json], static async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var list = await RequireAsync(directory, context, cancel);
            var listing = new Listing("member") { HasDomains = true };
            foreach (var member in list.Members) listing.Add(member.ToString());
            return context.Print(listing);
        });

    private static Command Set(CommandFactory factory) => factory.Action(
        "set", "Change the owner, the name, who may write, or where answers go.",
        ["lists set team@example.org --replies list", "lists set news@example.org --owner ben@example.org --name 'News'"], [ListArgument, Owner, Name, Post, Replies], static async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var list = await RequireAsync(directory, context, cancel);
            var settings = context.Get(Owner) is { } owner ? list.Settings with { Owner = CommandContext.Address(owner) } : list.Settings;
            settings = Read(context, settings);
            context.WriteLine(await directory.Administration.SetListAsync(list.Address, settings, cancel) ? $"changed {list.Address}" : $"nothing changed: {list.Address} has these settings already");
            await WarnAsync(context, directory, [settings.Owner], cancel);
            return ExitCodes.Success;
        });

    private static Command Subscribe(CommandFactory factory)
    {
        var members = new Argument<string[]>("MEMBER") { Description = "The new members, here or on other servers.", Arity = ArgumentArity.OneOrMore };
        return factory.Action(
            "subscribe", "Add members to a list.", ["lists subscribe team@example.org carol@example.org"], [ListArgument, members], async (context, cancel) =>
            {
                var list = CommandContext.Address(context.Get(ListArgument));
                var addresses = context.Get(members).Select(CommandContext.Address).ToArray();
                using var directory = context.OpenDirectory();
                var added = await directory.Administration.AddListMembersAsync(list, addresses, cancel);
                context.WriteLine(added.Count > 0 ? $"{list} has the new members {string.Join(", ", added)}" : $"nothing changed: {(addresses.Length == 1 ? "it is a member" : "they are members")} of {list} already");
                await WarnAsync(context, directory, added, cancel);
                return ExitCodes.Success;
            });
    }

    private static Command Unsubscribe(CommandFactory factory)
    {
        var member = new Argument<string>("MEMBER") { Description = "The member." };
        return factory.Action(
            "unsubscribe", "Remove a member from a list.", ["lists unsubscribe team@example.org dave@example.net"], [ListArgument, member], async (context, cancel) =>
            {
                var (list, address) = (CommandContext.Address(context.Get(ListArgument)), CommandContext.Address(context.Get(member)));
                using var directory = context.OpenDirectory();
                await directory.Administration.RemoveListMemberAsync(list, address, cancel);
                context.WriteLine($"{address} is no longer a member of {list}");
                return ExitCodes.Success;
            });
    }

    private static Command Switch(CommandFactory factory, bool enable)
    {
        var (name, description) = enable ? ("enable", "Accept mail for a disabled list again.") : ("disable", "Refuse mail for a list. Its members are kept.");
        return factory.Action(name, description, [$"lists {name} team@example.org"], [ListArgument], async (context, cancel) =>
        {
            var list = CommandContext.Address(context.Get(ListArgument));
            using var directory = context.OpenDirectory();
            context.WriteLine(await directory.Administration.SetListEnabledAsync(list, enable, cancel) ? $"{name}d {list}" : $"nothing changed: {list} is {name}d already");
            return ExitCodes.Success;
        });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove a mailing list.", ["lists remove team@example.org"], [ListArgument], static async (context, cancel) =>
        {
            var list = CommandContext.Address(context.Get(ListArgument));
            using var directory = context.OpenDirectory();
            await directory.Administration.RemoveListAsync(list, cancel);
            context.WriteLine($"removed the list {list}");
            return ExitCodes.Success;
        });

    private static MailingListSettings Read(CommandContext context, MailingListSettings settings)
    {
        if (context.Get(Name) is { } name)
        {
            if (!MailingList.IsName(name)) throw new CommandFailure($"a name is one line of at most {MailingList.LongestName} characters", ExitCodes.Usage);
            settings = settings with { Name = name == None ? "" : name.Trim() };
        }

        if (context.Get(Post) is { } post)
            settings = settings with { Posting = MailingListText.TryParse(post, out var who) ? who : throw new CommandFailure($"'{post}' is not one of members, anyone, owner", ExitCodes.Usage) };
        if (context.Get(Replies) is { } replies)
            settings = settings with { RepliesToList = replies switch { "list" => true, "author" => false, _ => throw new CommandFailure($"'{replies}' is not one of author, list", ExitCodes.Usage) } };
        return settings;
    }

    private static async ValueTask<MailingList> RequireAsync(IDirectoryStore directory, CommandContext context, CancellationToken cancel)
    {
        var address = CommandContext.Address(context.Get(ListArgument));
        return await directory.Administration.RequireListAsync(address, cancel);
    }

    private static async Task WarnAsync(CommandContext context, IDirectory directory, IEnumerable<EmailAddress> addresses, CancellationToken cancel)
    {
        foreach (var address in addresses)
            if (await directory.ResolveAsync(address, cancel) is RecipientResolution.Unknown) context.Shell.WriteError($"warning: '{address}' does not exist yet");
    }

    private static string RepliesOf(MailingList list) => list.Settings.RepliesToList ? "list" : "author";
}
